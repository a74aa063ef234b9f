<?php
// A realistic page: rows from some source, escaped, formatted, encoded, and a little text work.
declare(strict_types=1);

final class Item
{
    public function __construct(
        public readonly int $id,
        public readonly string $name,
        public readonly float $price,
        public readonly array $tags,
    ) {}
}

function items(int $count): array
{
    $items = [];
    for ($i = 1; $i <= $count; $i++) {
        $name = "Item <$i> & \"friends\" of " . str_repeat(chr(97 + $i % 26), 5);
        $items[] = new Item($i, $name, $i * 1.37, ['tag' . $i % 7, 'tag' . $i % 5]);
    }
    return $items;
}

function e(string $text): string
{
    return htmlspecialchars($text, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8');
}

$title = ucwords(str_replace('-', ' ', 'list-of-all-items'));
header('Content-Type: text/html; charset=utf-8');
?>
<!DOCTYPE html>
<html>
<head><title><?= e($title) ?></title></head>
<body>
<h1><?= e($title) ?></h1>
<table>
<tr><th>Id</th><th>Name</th><th>Price</th><th>Tags</th><th>Data</th></tr>
<?php foreach (items(50) as $item): ?>
<tr class="<?= $item->id % 2 ? 'odd' : 'even' ?>">
<td><?= sprintf('%05d', $item->id) ?></td>
<td><?= preg_replace('/\b(friends|of)\b/i', '<b>$1</b>', e($item->name)) ?></td>
<td><?= sprintf('%.2f EUR', $item->price) ?></td>
<td><?= e(implode(', ', array_map('strtoupper', $item->tags))) ?></td>
<td data-item="<?= e(json_encode(['id' => $item->id, 'name' => $item->name, 'tags' => $item->tags])) ?>"></td>
</tr>
<?php endforeach ?>
</table>
</body>
</html>
