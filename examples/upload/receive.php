<?php
// Starts when the whole upload has come, never before.
require '../lib/note.php';
note('starts: all of the upload is there');
$file = $_FILES['file'] ?? null;
if (!$file || !is_int($file['error'])) {
    http_response_code(400);
    exit("There was no file.\n");
}
$text = $file['error'] === UPLOAD_ERR_OK
    ? sprintf('%s, %s bytes, is received', $file['name'], number_format($file['size']))
    : "the file is refused: error $file[error]";
note($text);
// It is not moved to a place of its own, so it goes when this script ends.
echo "$text\n";
