<?php

/** @extension SPL */

/**
 * @not-serializable
 */
class DirectoryIterator extends SplFileInfo implements SeekableIterator
{
    public function __construct(string $directory) {}

    /** @tentative-return-type */
    public function getFilename(): string {}

    /** @tentative-return-type */
    public function getExtension(): string {}

    /** @tentative-return-type */
    public function getBasename(string $suffix = ""): string {}

    /** @tentative-return-type */
    public function isDot(): bool {}

    /** @tentative-return-type */
    public function rewind(): void {}

    /** @tentative-return-type */
    public function valid(): bool {}

    /** @tentative-return-type */
    public function key(): mixed {}

    /** @tentative-return-type */
    public function current(): mixed {}

    /** @tentative-return-type */
    public function next(): void {}

    /** @tentative-return-type */
    public function seek(int $offset): void {}

    public function __toString(): string {}
}

/**
 * @not-serializable
 */
class FilesystemIterator extends DirectoryIterator
{
    public const int CURRENT_MODE_MASK = 240;
    public const int CURRENT_AS_PATHNAME = 32;
    public const int CURRENT_AS_FILEINFO = 0;
    public const int CURRENT_AS_SELF = 16;
    public const int KEY_MODE_MASK = 3840;
    public const int KEY_AS_PATHNAME = 0;
    public const int FOLLOW_SYMLINKS = 16384;
    public const int KEY_AS_FILENAME = 256;
    public const int NEW_CURRENT_AND_KEY = 256;
    public const int OTHER_MODE_MASK = 28672;
    public const int SKIP_DOTS = 4096;
    public const int UNIX_PATHS = 8192;

    public function __construct(
        string $directory,
        int $flags = FilesystemIterator::KEY_AS_PATHNAME | FilesystemIterator::CURRENT_AS_FILEINFO | FilesystemIterator::SKIP_DOTS,
    ) {}

    /** @tentative-return-type */
    public function rewind(): void {}

    /** @tentative-return-type */
    public function key(): string {}

    /** @tentative-return-type */
    public function current(): SplFileInfo|FilesystemIterator|string {}

    /** @tentative-return-type */
    public function getFlags(): int {}

    /** @tentative-return-type */
    public function setFlags(int $flags): void {}
}

/**
 * @not-serializable
 */
class RecursiveDirectoryIterator extends FilesystemIterator implements RecursiveIterator
{
    public function __construct(
        string $directory,
        int $flags = FilesystemIterator::KEY_AS_PATHNAME | FilesystemIterator::CURRENT_AS_FILEINFO,
    ) {}

    /** @tentative-return-type */
    public function hasChildren(bool $allowLinks = false): bool {}

    /** @tentative-return-type */
    public function getChildren(): RecursiveDirectoryIterator {}

    /** @tentative-return-type */
    public function getSubPath(): string {}

    /** @tentative-return-type */
    public function getSubPathname(): string {}
}

/**
 * @not-serializable
 */
class GlobIterator extends FilesystemIterator implements Countable
{
    public function __construct(
        string $pattern,
        int $flags = FilesystemIterator::KEY_AS_PATHNAME | FilesystemIterator::CURRENT_AS_FILEINFO,
    ) {}

    /** @tentative-return-type */
    public function count(): int {}
}
