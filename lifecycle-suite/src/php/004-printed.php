<?php
ignore_user_abort(TRUE);
set_time_limit(50);
 
while (1) {
    echo $i++, "\r\n";
    flush();
    sleep(1);
}
