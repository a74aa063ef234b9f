<?php
// Which value of ignore_user_abort has won, and may the script change it?
echo 'ignore_user_abort()=', ignore_user_abort(), ' ini=', var_export(ini_get('ignore_user_abort'), true);
echo ' access=', ini_get_all('core')['ignore_user_abort']['access'];
ignore_user_abort(true);
echo ' after iua(true)=', ignore_user_abort();
echo ' ini_set ret=', var_export(ini_set('ignore_user_abort', '1'), true), '->', ignore_user_abort();
