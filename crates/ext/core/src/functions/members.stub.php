<?php

/** @extension Core */

function get_class_vars(string $class): array {}

function get_object_vars(object $object): array {}

function get_mangled_object_vars(object $object): array {}

function get_class_methods(object|string $object_or_class): array {}

function method_exists($object_or_class, string $method): bool {}

function property_exists($object_or_class, string $property): bool {}
