<?php
// A client that stays and hears little: what many waiting scripts cost.
while (true) {
    echo "ready\n";
    flush();
    sleep(10);
}
