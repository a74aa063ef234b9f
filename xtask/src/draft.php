<?php
// Prints drafts of stubs: arguments are pairs of a kind (extension, function, class) and a name.

error_reporting(E_ERROR | E_PARSE);

function value(mixed $value): string
{
    if (is_string($value)) {
        $escaped = preg_replace_callback('/[\x00-\x1f\x7f-\xff"\\\\$]/', fn ($m) => match ($m[0]) {
            "\n" => '\n',
            "\r" => '\r',
            "\t" => '\t',
            "\v" => '\v',
            "\f" => '\f',
            '"', '\\', '$' => '\\' . $m[0],
            default => sprintf('\x%02x', ord($m[0])),
        }, $value);
        return "\"$escaped\"";
    }
    if (is_array($value)) {
        $items = [];
        foreach ($value as $key => $item) {
            $items[] = array_is_list($value) ? value($item) : value($key) . ' => ' . value($item);
        }
        return '[' . implode(', ', $items) . ']';
    }
    if (is_float($value) && !is_finite($value)) {
        return is_nan($value) ? 'NAN' : ($value > 0 ? 'INF' : '-INF');
    }
    if (is_object($value)) {
        return $value instanceof UnitEnum ? $value::class . '::' . $value->name : 'UNKNOWN';
    }
    if (is_resource($value)) {
        return 'UNKNOWN';
    }
    return var_export($value, true) === 'NULL' ? 'null' : var_export($value, true);
}

/** A type with classes in full, as a stub without a namespace has them. */
function type(?ReflectionType $type): string
{
    return $type === null ? '' : (string) $type;
}

function default_of(ReflectionParameter $parameter): string
{
    if ($parameter->isVariadic() || !$parameter->isOptional()) {
        return '';
    }
    if (!$parameter->isDefaultValueAvailable()) {
        return ' = UNKNOWN';
    }
    // Its own text keeps the names of constants.
    if (preg_match('/ = (.*) \]$/s', (string) $parameter, $match) && !str_contains($match[1], '...')) {
        return ' = ' . preg_replace(['/\bNULL\b/', '/(?<![\w\\\\])\\\\(?=[A-Za-z_])/'], ['null', ''], $match[1]);
    }
    return ' = ' . value($parameter->getDefaultValue());
}

function parameter(ReflectionParameter $parameter): string
{
    $sensitive = $parameter->getAttributes('SensitiveParameter') ? '#[\SensitiveParameter] ' : '';
    $type = type($parameter->getType());
    return $sensitive . ($type === '' ? '' : "$type ")
        . ($parameter->isPassedByReference() && !$parameter->canBePassedByValue() ? '&' : '')
        . ($parameter->isVariadic() ? '...' : '') . '$' . $parameter->getName() . default_of($parameter);
}

function indent(int $depth): string
{
    return str_repeat('    ', $depth);
}

function callable_(ReflectionFunctionAbstract $function, string $modifiers, string $body, int $depth): string
{
    $in = indent($depth);
    $tags = [];
    foreach ($function->getParameters() as $parameter) {
        if ($parameter->isPassedByReference() && $parameter->canBePassedByValue()) {
            $tags[] = '@prefer-ref $' . $parameter->getName();
        }
    }
    if ($function->hasTentativeReturnType()) {
        $tags[] = '@tentative-return-type';
    }
    $out = '';
    if (count($tags) === 1) {
        $out .= "$in/** $tags[0] */\n";
    } elseif ($tags) {
        $out .= "$in/**\n$in * " . implode("\n$in * ", $tags) . "\n$in */\n";
    }
    if ($function->isDeprecated()) {
        $attribute = $function->getAttributes('Deprecated')[0] ?? null;
        $arguments = [];
        foreach ($attribute?->getArguments() ?? [] as $key => $argument) {
            $arguments[] = (is_string($key) ? "$key: " : '') . value($argument);
        }
        $out .= "$in#[\\Deprecated" . ($arguments ? '(' . implode(', ', $arguments) . ')' : '') . "]\n";
    }
    $return = type($function->getReturnType() ?? $function->getTentativeReturnType());
    $parameters = array_map(parameter(...), $function->getParameters());
    $head = "$in{$modifiers}function " . ($function->returnsReference() ? '&' : '') . $function->getShortName();
    $tail = ($return === '' ? '' : ": $return") . $body;
    $line = "$head(" . implode(', ', $parameters) . ")$tail";
    if (strlen($line) > 110) {
        $line = "$head(\n$in    " . implode(",\n$in    ", $parameters) . ",\n$in)$tail";
    }
    return "$out$line\n";
}

function modifiers(int $bits): string
{
    return $bits ? implode(' ', Reflection::getModifierNames($bits)) . ' ' : '';
}

function class_(ReflectionClass $class): string
{
    $depth = 0;
    $tags = [];
    $finalMarks = $class->isFinal() && !$class->isEnum() ? 'final ' : '';
    $out = '';
    foreach ($class->getAttributes() as $attribute) {
        $arguments = array_map(value(...), $attribute->getArguments());
        $out .= '#[\\' . $attribute->getName() . ($arguments ? '(' . implode(', ', $arguments) . ')' : '') . "]\n";
    }
    if ($class->isInstantiable() && !$class->isEnum()) {
        try {
            serialize($class->newInstanceWithoutConstructor());
        } catch (Throwable $e) {
            if (str_contains($e->getMessage(), 'is not allowed')) {
                $tags[] = '@not-serializable';
            }
        }
        try {
            $object = $class->newInstanceWithoutConstructor();
            $object->{'no such property'} = 1;
        } catch (Throwable $e) {
            if (str_contains($e->getMessage(), 'Cannot create dynamic property')) {
                $tags[] = '@strict-properties';
            }
        }
    }
    if ($tags) {
        $out = "/**\n * " . implode("\n * ", $tags) . "\n */\n$out";
    }
    $parent = $class->getParentClass() ?: null;
    $inherited = $parent?->getInterfaceNames() ?? [];
    foreach ($class->getInterfaces() as $interface) {
        array_push($inherited, ...$interface->getInterfaceNames());
    }
    $interfaces = array_diff($class->getInterfaceNames(), $inherited, ['UnitEnum', 'BackedEnum']);
    $out .= match (true) {
        $class->isInterface() => 'interface ',
        $class->isTrait() => 'trait ',
        $class->isEnum() => 'enum ',
        default => ($class->isAbstract() ? 'abstract ' : '') . $finalMarks
            . ($class->isReadOnly() ? 'readonly ' : '') . 'class ',
    } . $class->getShortName();
    if ($class->isEnum() && ($backing = (new ReflectionEnum($class->getName()))->getBackingType())) {
        $out .= ": $backing";
    }
    $full = fn (string $name) => $class->getNamespaceName() === '' ? $name : "\\$name";
    if ($parent) {
        $out .= ' extends ' . $full($parent->getName());
    }
    if ($interfaces) {
        $out .= ($class->isInterface() ? ' extends ' : ' implements ')
            . implode(', ', array_map($full, $interfaces));
    }
    $out .= "\n{\n";
    $own = fn (Reflector $member) => $member->getDeclaringClass()->getName() === $class->getName();
    $blocks = [];
    $block = '';
    foreach (array_filter($class->getReflectionConstants(), $own) as $constant) {
        if ($constant->isEnumCase()) {
            $case = $constant->getValue();
            $block .= "    case {$constant->getName()}"
                . ($case instanceof BackedEnum ? ' = ' . value($case->value) : '') . ";\n";
            continue;
        }
        $type = type($constant->getType());
        $block .= '    ' . modifiers($constant->getModifiers()) . 'const ' . ($type === '' ? '' : "$type ")
            . $constant->getName() . ' = ' . value($constant->getValue()) . ";\n";
    }
    $blocks[] = $block;
    $block = '';
    foreach (array_filter($class->getProperties(), $own) as $property) {
        if ($class->isEnum()) {
            continue;
        }
        $type = type($property->getType());
        $virtual = $property->isVirtual() ? "    /** @virtual */\n" : '';
        $block .= "$virtual    " . modifiers($property->getModifiers() & ~ReflectionProperty::IS_VIRTUAL)
            . ($type === '' ? '' : "$type ") . '$' . $property->getName();
        if ($property->hasDefaultValue() && !($type === '' && $property->getDefaultValue() === null)) {
            $block .= ' = ' . value($property->getDefaultValue());
        }
        $block .= ";\n";
    }
    $blocks[] = $block;
    foreach (array_filter($class->getMethods(), $own) as $method) {
        if ($class->isEnum() && in_array($method->getName(), ['cases', 'from', 'tryFrom'], true)) {
            continue;
        }
        $bits = $method->getModifiers();
        if ($class->isInterface()) {
            $bits &= ~ReflectionMethod::IS_ABSTRACT;
        }
        $blocks[] = callable_($method, modifiers($bits), $method->isAbstract() ? ';' : ' {}', 1);
    }
    return $out . implode("\n", array_filter($blocks)) . "}\n";
}

/** Wraps a declaration in its namespace, where it has one. */
function placed(string $namespace, string $text): array
{
    return [$namespace, $text];
}

$parts = [];
$arguments = array_slice($argv, 1);
foreach (array_chunk($arguments, 2) as [$kind, $name]) {
    try {
        if ($kind === 'function') {
            $function = new ReflectionFunction($name);
            $parts[$function->getNamespaceName()][] = callable_($function, '', ' {}', 0);
        } elseif ($kind === 'class') {
            $class = new ReflectionClass($name);
            $parts[$class->getNamespaceName()][] = class_($class);
        } else {
            $extension = new ReflectionExtension($name);
            foreach ($extension->getConstants() as $constant => $value) {
                $at = strrpos($constant, '\\');
                $namespace = $at === false ? '' : substr($constant, 0, $at);
                $short = $at === false ? $constant : substr($constant, $at + 1);
                $parts[$namespace]['constants'] ??= '';
                $parts[$namespace]['constants'] .= "const $short = " . value($value) . ";\n";
            }
            foreach ($extension->getFunctions() as $function) {
                $parts[$function->getNamespaceName()][] = callable_($function, '', ' {}', 0);
            }
            foreach ($extension->getClasses() as $class) {
                $parts[$class->getNamespaceName()][] = class_($class);
            }
        }
    } catch (ReflectionException $e) {
        fwrite(STDERR, $e->getMessage() . "\n");
        exit(1);
    }
}

echo "<?php\n";
ksort($parts);
foreach ($parts as $namespace => $texts) {
    if (count($parts) > 1 || $namespace !== '') {
        echo "\nnamespace" . ($namespace === '' ? '' : " $namespace") . " {\n";
        echo "\n", implode("\n", $texts), "}\n";
    } else {
        echo "\n", implode("\n", $texts);
    }
}
