<?php

/** @extension SPL */

/**
 * @handlers OPEN_FILE_HANDLERS
 * @not-serializable
 */
class SplFileObject extends SplFileInfo implements RecursiveIterator, SeekableIterator
{
    public const int DROP_NEW_LINE = 1;
    public const int READ_AHEAD = 2;
    public const int SKIP_EMPTY = 4;
    public const int READ_CSV = 8;

    public function __construct(
        string $filename,
        string $mode = "r",
        bool $useIncludePath = false,
        $context = null,
    ) {}

    /** @tentative-return-type */
    public function rewind(): void {}

    /** @tentative-return-type */
    public function eof(): bool {}

    /** @tentative-return-type */
    public function valid(): bool {}

    /** @tentative-return-type */
    public function fgets(): string {}

    /** @tentative-return-type */
    public function fread(int $length): string|false {}

    /**
     * @tentative-return-type
     * @as-given $separator $enclosure $escape
     */
    public function fgetcsv(
        string $separator = ",",
        string $enclosure = "\"",
        string $escape = "\\",
    ): array|false {}

    /**
     * @tentative-return-type
     * @as-given $separator $enclosure $escape
     */
    public function fputcsv(
        array $fields,
        string $separator = ",",
        string $enclosure = "\"",
        string $escape = "\\",
        string $eol = "\n",
    ): int|false {}

    /**
     * @tentative-return-type
     * @as-given $escape
     */
    public function setCsvControl(
        string $separator = ",",
        string $enclosure = "\"",
        string $escape = "\\",
    ): void {}

    /** @tentative-return-type */
    public function getCsvControl(): array {}

    /** @tentative-return-type */
    public function flock(int $operation, &$wouldBlock = null): bool {}

    /** @tentative-return-type */
    public function fflush(): bool {}

    /** @tentative-return-type */
    public function ftell(): int|false {}

    /** @tentative-return-type */
    public function fseek(int $offset, int $whence = SEEK_SET): int {}

    /** @tentative-return-type */
    public function fgetc(): string|false {}

    /** @tentative-return-type */
    public function fpassthru(): int {}

    /** @tentative-return-type */
    public function fscanf(string $format, mixed &...$vars): array|int|null {}

    /**
     * @tentative-return-type
     * @as-given $length
     */
    public function fwrite(string $data, int $length = 0): int|false {}

    /** @tentative-return-type */
    public function fstat(): array {}

    /** @tentative-return-type */
    public function ftruncate(int $size): bool {}

    /** @tentative-return-type */
    public function current(): array|string|false {}

    /** @tentative-return-type */
    public function key(): int {}

    /** @tentative-return-type */
    public function next(): void {}

    /** @tentative-return-type */
    public function setFlags(int $flags): void {}

    /** @tentative-return-type */
    public function getFlags(): int {}

    /** @tentative-return-type */
    public function setMaxLineLen(int $maxLength): void {}

    /** @tentative-return-type */
    public function getMaxLineLen(): int {}

    /** @tentative-return-type */
    public function hasChildren(): false {}

    /** @tentative-return-type */
    public function getChildren(): null {}

    /** @tentative-return-type */
    public function seek(int $line): void {}

    /** @tentative-return-type */
    public function getCurrentLine(): string {}

    public function __toString(): string {}
}

/** @not-serializable */
class SplTempFileObject extends SplFileObject
{
    /** @as-given $maxMemory */
    public function __construct(int $maxMemory = 2 * 1024 * 1024) {}
}
