<?php
// Each script: what it is called, what it shows, what to expect of STOP.
return [
    'stubborn' => [
        'Runs on to its end',
        'It ignores the abort, as ignore_user_abort(true) asks, and works through all its steps.',
        'Press STOP in the middle: the steps go on in the log, to the last one.',
    ],
    'stream' => [
        'Stops at its next output',
        'PHP’s own rule: the script ends when it next tries to send something; its shutdown function still runs.',
        'Press STOP: within a second, at its next line, it ends, and its shutdown function sees status 1.',
    ],
    'watch' => [
        'Watches without output',
        'It polls connection_aborted() and never prints, so PHP itself would not notice that you left.',
        'Press STOP: the log tells at once that the script saw it.',
    ],
    'immediate' => [
        'Stopped inside its sleep',
        'With outlast.abort = immediate, a script that sleeps for a minute ends the moment you leave.',
        'Press STOP: the shutdown function runs at once, in the middle of the sleep.',
    ],
    'on-abort' => [
        'Told by a callback',
        'Outlast\on_abort() calls back when the client leaves, whatever the script is doing.',
        'Press STOP: the callback runs at once, inside a sleep; the script then puts things in order and ends.',
    ],
    'limit' => [
        'Ends at its time limit',
        'It computes beyond its limit of one second of CPU; sleeping does not count. The shutdown function sees status 2.',
        'No STOP needed: wait three seconds.',
    ],
    'both' => [
        'Client gone and time over',
        'It ignores that you left, then runs into its time limit: the shutdown function sees status 3.',
        'Press STOP: the script then computes until its limit of one second ends it.',
    ],
    'finish' => [
        'Answers, then works on',
        'fastcgi_finish_request() sends the answer off; the rest happens behind your back.',
        'The answer is complete at once; the log goes on for five seconds.',
    ],
];
