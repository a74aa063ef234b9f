<?php
// The list: a file for each who is here.
const FOLDER = 'outlast-presence';

function presence_file(string $name): string
{
    $folder = sys_get_temp_dir() . '/' . FOLDER;
    if (!is_dir($folder)) {
        mkdir($folder);
    }
    return $folder . '/' . bin2hex($name);
}

/** @return list<string> */
function present(): array
{
    $names = [];
    foreach (glob(sys_get_temp_dir() . '/' . FOLDER . '/*') as $file) {
        $names[] = hex2bin(basename($file));
    }
    return $names;
}
