<?php

/** @extension standard */

const PSFS_PASS_ON = 2;
const PSFS_FEED_ME = 1;
const PSFS_ERR_FATAL = 0;
const PSFS_FLAG_NORMAL = 0;
const PSFS_FLAG_FLUSH_INC = 1;
const PSFS_FLAG_FLUSH_CLOSE = 2;

function stream_bucket_make_writeable($brigade): ?StreamBucket {}

function stream_bucket_prepend($brigade, StreamBucket $bucket): void {}

function stream_bucket_append($brigade, StreamBucket $bucket): void {}

function stream_bucket_new($stream, string $buffer): StreamBucket {}

function stream_get_filters(): array {}

function stream_filter_register(string $filter_name, string $class): bool {}

class php_user_filter
{
    public string $filtername = "";
    public mixed $params = "";
    public $stream = null;

    /** @tentative-return-type */
    public function filter($in, $out, &$consumed, bool $closing): int {}

    /** @tentative-return-type */
    public function onCreate(): bool {}

    /** @tentative-return-type */
    public function onClose(): void {}
}

final class StreamBucket
{
    public $bucket = null;
    public string $data;
    public int $datalen;
    public int $dataLength;
}
