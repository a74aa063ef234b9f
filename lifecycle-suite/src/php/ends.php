<?php
// Ends in the way that the query asks for, and notes what of it still runs, in order.
require __DIR__ . '/../lib.php';

function told(string $what): void
{
    note("$what cs=" . connection_status());
}

class D
{
    public $self;

    public function __construct(public string $name)
    {
    }

    public function __destruct()
    {
        told("destruct $this->name");
        echo "[D:$this->name]";
    }
}

class Holder
{
    public static $d;
}

if (extension_loaded('session')) {
    class Store implements SessionHandlerInterface
    {
        public function open(string $path, string $name): bool
        {
            return true;
        }

        public function close(): bool
        {
            return true;
        }

        public function read(string $id): string|false
        {
            return '';
        }

        public function write(string $id, string $data): bool
        {
            told('session-write');
            return true;
        }

        public function destroy(string $id): bool
        {
            return true;
        }

        public function gc(int $max_lifetime): int|false
        {
            return 0;
        }
    }
    session_set_save_handler(new Store, false);
    session_start();
    $_SESSION['changed'] = microtime();
} else {
    note('missing: session');
}

header_register_callback(function () {
    told('headers-sent');
});
if ($_GET['ob']) {
    ob_start(function (string $buffer, int $phase) {
        if ($phase & PHP_OUTPUT_HANDLER_FINAL) {
            told('ob-final len=' . strlen($buffer));
        }
        return $buffer;
    });
}
register_shutdown_function(function () {
    told('sd1');
    note('err=' . (error_get_last()['type'] ?? 'none'));
    register_shutdown_function(function () {
        told('sd-nested');
        echo '[SDN]';
    });
    echo '[SD1]';
    note('sd1 after echo');
    if (isset($_GET['sd_flush'])) {
        flush();
        told('sd1 after flush');
    }
    if (isset($_GET['sd_exit'])) {
        exit;
    }
});
register_shutdown_function(function () {
    told('sd2');
    echo '[SD2]';
});

$global = new D('global');
Holder::$d = new D('static');
$cycle = new D('cycle');
$cycle->self = $cycle;
unset($cycle);

function busy(): void
{
    set_time_limit(1);
    for (;;) {
    }
}

function talk(): void
{
    for ($i = 0; $i < 10 && !(ignore_user_abort() && connection_status()); $i++) {
        echo 'more';
        if ($_GET['ob']) {
            ob_flush();
        }
        flush();
        usleep(TICK);
    }
}

function main(): void
{
    $local = new D('local');
    try {
        echo 'body';
        if (!$_GET['ob'] || isset($_GET['leaves'])) {
            if ($_GET['ob']) {
                ob_flush();
            }
            flush();
        }
        note('READY');
        if (isset($_GET['leaves'])) {
            until_client_left();
        }
        switch ($_GET['end']) {
            case 'exit':
                exit('bye');
            case 'exit3':
                exit(3);
            case 'uncaught':
                throw new Exception('uncaught');
            case 'undef':
                function_that_is_not_there();
            case 'usererr':
                @trigger_error('the script itself gives up', E_USER_ERROR);
                break;
            case 'memory':
                ini_set('memory_limit', '16M');
                $hog = [];
                for (;;) {
                    $hog[] = str_repeat('x', 100000);
                }
            case 'timeout':
                busy();
            case 'abort':
                talk();
                break;
            case 'abort_ign':
                ignore_user_abort(true);
                talk();
                break;
            case 'abort_timeout':
                ignore_user_abort(true);
                talk();
                told('saw');
                busy();
        }
    } finally {
        note('finally');
    }
}

main();
note('main-end');
