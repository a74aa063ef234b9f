<?php

/** @extension Core */

function get_class(object $object = UNKNOWN): string {}

function get_called_class(): string {}

function get_parent_class(object|string $object_or_class = UNKNOWN): string|false {}

function is_subclass_of(mixed $object_or_class, string $class, bool $allow_string = true): bool {}

function is_a(mixed $object_or_class, string $class, bool $allow_string = false): bool {}

function class_exists(string $class, bool $autoload = true): bool {}

function interface_exists(string $interface, bool $autoload = true): bool {}

function trait_exists(string $trait, bool $autoload = true): bool {}

function enum_exists(string $enum, bool $autoload = true): bool {}

function class_alias(string $class, string $alias, bool $autoload = true): bool {}

function get_declared_classes(): array {}

function get_declared_traits(): array {}

function get_declared_interfaces(): array {}
