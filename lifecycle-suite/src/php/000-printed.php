<?php
// 接続が切れてもプロセスを実行
ignore_user_abort(true);
// タイムアウトなし
set_time_limit(0);

echo 'PHP における接続ハンドリングのテスト';

$file = 'log.txt'
file_put_contents($file, 'START\n');
