<?php

/** @extension standard */

function serialize(mixed $value): string {}

function unserialize(string $data, array $options = []): mixed {}

/** @handlers INCOMPLETE_CLASS_HANDLERS */
#[AllowDynamicProperties]
final class __PHP_Incomplete_Class
{
}
