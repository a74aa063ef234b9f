//! What `is_uploaded_file()` and `move_uploaded_file()` know.

/// Paths of the files that came with the request and were not moved. State of [`crate::Cx::state`];
/// what is left in it at the end of the request is removed.
#[derive(Debug, Default)]
pub struct UploadedFiles(pub Vec<Vec<u8>>);
