//! PHP's extension `tokenizer`.
