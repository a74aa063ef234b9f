<?php
// Methods, properties, closures, statics and interfaces.
interface Shape
{
    public function area(): float;
}

abstract class Named implements Shape
{
    private static int $made = 0;
    const FACTOR = 3;

    public function __construct(protected string $name, public readonly int $id)
    {
        self::$made++;
    }

    public function name(): string
    {
        return $this->name;
    }

    public static function made(): int
    {
        return static::$made * self::FACTOR;
    }
}

final class Rect extends Named
{
    private float $w = 1.0;
    private float $h = 1.0;

    public function resize(float $w, float $h): static
    {
        $this->w = $w;
        $this->h = $h;
        return $this;
    }

    public function area(): float
    {
        return $this->w * $this->h;
    }
}

final class Circle extends Named
{
    public float $r = 2.0;

    public function area(): float
    {
        return M_PI * $this->r ** 2;
    }
}

final class Counter
{
    private array $seen = [];
    public int $total = 0;

    public function add(Shape $shape): void
    {
        $this->total++;
        $this->seen[$shape->name()] = ($this->seen[$shape->name()] ?? 0) + 1;
    }

    public function each(callable $f): void
    {
        foreach ($this->seen as $name => $n) {
            $f($name, $n);
        }
    }

    public function __get(string $name): int
    {
        return strlen($name);
    }
}

function walk(int $n): string
{
    $counter = new Counter();
    $sum = 0.0;
    for ($i = 0; $i < $n; $i++) {
        $shape = $i & 1 ? new Rect('rect' . $i % 10, $i) : new Circle('circle' . $i % 10, $i);
        if ($shape instanceof Rect) {
            $shape->resize($i * 0.5, 2.0);
        } else {
            $shape->r += 0.25;
        }
        $sum += $shape->area() + $shape->id;
        $counter->add($shape);
        $sum += $counter->missing;
    }
    $names = '';
    $counter->each(function (string $name, int $n) use (&$names) {
        $names .= "$name=$n ";
    });
    return sprintf('%.3f %s %d %d', $sum, $names, $counter->total, Named::made());
}

final class LinkedList
{
    private ?array $head = null;
    public int $size = 0;

    public function push(mixed $value): void
    {
        $this->head = [$value, $this->head];
        $this->size++;
    }

    public function items(): Generator
    {
        for ($node = $this->head; $node !== null; $node = $node[1]) {
            yield $node[0];
        }
    }
}

function lists(int $n): int
{
    $list = new LinkedList();
    for ($i = 0; $i < $n; $i++) {
        $list->push($i);
    }
    $sum = 0;
    foreach ($list->items() as $i => $x) {
        $sum += $x ^ $i;
    }
    return $sum + $list->size;
}

echo walk(60000), ' ', lists(60000), "\n";
