//! `SplFileObject` and `SplTempFileObject`.

#[path = "object_stub.rs"]
mod object_stub;
pub(crate) use object_stub::MODULE;

use super::info::split;
use super::reader::{Read, Reader};
use super::{FILE_HANDLERS, data, not_initialized};
use outlast_ext_standard::file::{csv, handle, status};
use outlast_ext_standard::stream::context::context_arg;
use outlast_ext_standard::stream::{Opened, open};
use outlast_text::csv::Dialect;
use outlast_value::{Object, PhpArray, PhpString, Reference, Value};
use outlast_vm::{Cx, ObjectHandlers, OrFalse, Ret};
use std::rc::Rc;

/// What open files do besides.
static OPEN_FILE_HANDLERS: ObjectHandlers = ObjectHandlers { uncloneable: true, ..FILE_HANDLERS };

/// All flags that scripts may set.
const FLAGS: i64 = 15;

fn reader(cx: &mut Cx, this: &Object) -> Ret<Rc<Reader>> {
    let reader = data(this).reader.borrow().clone();
    reader.ok_or_else(|| not_initialized(cx))
}

fn open_file(
    cx: &mut Cx,
    this: &Object,
    path: &PhpString,
    mode: &PhpString,
    how: Opened<'_>,
) -> Ret<()> {
    outlast_ext_standard::file::check_path(cx, 1, path)?;
    if data(this).reader.borrow().is_some() {
        return Err(cx.throw_error("Cannot call constructor twice"));
    }
    if status::is_dir(cx, path)? {
        return Err(cx.throw("LogicException", "Cannot use SplFileObject with directories"));
    }
    let stream = cx.throwing_warnings("RuntimeException", |cx| open(cx, path, mode, how))?;
    let Some(stream) = stream else {
        let text = [b"Cannot open file '", &path[..], b"'"].concat();
        return Err(cx.throw("RuntimeException", text));
    };
    let resource = stream.clone().into_value(cx);
    let file = data(this);
    *file.reader.borrow_mut() = Some(Rc::new(Reader::new(stream, resource, mode.clone())));
    let (name, folder) = split(path);
    *file.name.borrow_mut() = Some(name);
    *file.folder.borrow_mut() = folder;
    Ok(())
}

fn spl_file_object_construct(
    cx: &mut Cx,
    this: &Object,
    filename: &PhpString,
    mode: &PhpString,
    use_include_path: bool,
    context: &Value,
) -> Ret<()> {
    let context = context_arg(cx, 4, Some(context))?;
    let how =
        Opened { include_path: use_include_path, context: Some(&context), ..Opened::default() };
    open_file(cx, this, filename, mode, how)
}

fn spl_temp_file_object_construct(cx: &mut Cx, this: &Object, max_memory: Option<i64>) -> Ret<()> {
    let path = match max_memory {
        None => "php://temp".into(),
        Some(bytes) if bytes < 0 => "php://memory".into(),
        Some(bytes) => PhpString::from(format!("php://temp/maxmemory:{bytes}")),
    };
    open_file(cx, this, &path, &"wb".into(), Opened::default())?;
    *data(this).name.borrow_mut() = Some(path);
    *data(this).folder.borrow_mut() = PhpString::default();
    Ok(())
}

fn spl_file_object_rewind(cx: &mut Cx, this: &Object) -> Ret<()> {
    reader(cx, this)?.rewind(cx, this)
}

fn spl_file_object_eof(cx: &mut Cx, this: &Object) -> Ret<bool> {
    Ok(reader(cx, this)?.stream.at_end())
}

fn spl_file_object_valid(_cx: &mut Cx, this: &Object) -> Ret<bool> {
    let reader = data(this).reader.borrow().clone();
    Ok(reader.is_some_and(|reader| reader.valid(this)))
}

fn spl_file_object_fgets(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let reader = reader(cx, this)?;
    reader.read(cx, this, Read { silent: false, csv: false, counts: 1 })?;
    let line = reader.line.borrow().clone();
    Ok(line.unwrap_or_default())
}

fn spl_file_object_get_current_line(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    spl_file_object_fgets(cx, this)
}

fn spl_file_object_magic_to_string(cx: &mut Cx, this: &Object) -> Ret<PhpString> {
    let current = reader(cx, this)?.current(cx, this)?;
    match current {
        Value::Bool(false) => Ok(PhpString::default()),
        value => cx.to_str(&value),
    }
}

fn spl_file_object_fread(cx: &mut Cx, this: &Object, length: i64) -> Ret<OrFalse<Vec<u8>>> {
    let reader = reader(cx, this)?;
    if length <= 0 {
        return Err(cx.arg_value_error(1, "must be greater than 0"));
    }
    handle::fread(cx, &reader.resource, length)
}

/// The bytes that structure a line: those given, else those of `setCsvControl()`.
fn dialect(
    cx: &mut Cx,
    this: &Object,
    first: usize,
    separator: Option<&PhpString>,
    enclosure: Option<&PhpString>,
    escape: Option<&PhpString>,
) -> Ret<Dialect> {
    let mut dialect = data(this).how.dialect.get();
    if let Some(separator) = separator {
        if separator.len() != 1 {
            return Err(cx.arg_value_error(first, "must be a single character"));
        }
        dialect.delimiter = separator[0];
    }
    if let Some(enclosure) = enclosure {
        if enclosure.len() != 1 {
            return Err(cx.arg_value_error(first + 1, "must be a single character"));
        }
        dialect.enclosure = enclosure[0];
    }
    match escape {
        Some(escape) if escape.len() > 1 => {
            return Err(cx.arg_value_error(first + 2, "must be empty or a single character"));
        }
        Some(escape) => dialect.escape = escape.first().copied(),
        None if data(this).how.default_escape.get() => cx.deprecated(
            "the $escape parameter must be provided, as its default value will change, either \
             explicitly or via SplFileObject::setCsvControl()",
        )?,
        None => {}
    }
    Ok(dialect)
}

fn spl_file_object_fgetcsv(
    cx: &mut Cx,
    this: &Object,
    separator: Option<&PhpString>,
    enclosure: Option<&PhpString>,
    escape: Option<&PhpString>,
) -> Ret<OrFalse<PhpArray>> {
    let reader = reader(cx, this)?;
    let dialect = dialect(cx, this, 1, separator, enclosure, escape)?;
    Ok(OrFalse(reader.read_csv(cx, this, dialect)?))
}

fn spl_file_object_fputcsv(
    cx: &mut Cx,
    this: &Object,
    fields: PhpArray,
    separator: Option<&PhpString>,
    enclosure: Option<&PhpString>,
    escape: Option<&PhpString>,
    eol: &PhpString,
) -> Ret<OrFalse<usize>> {
    let reader = reader(cx, this)?;
    let dialect = dialect(cx, this, 2, separator, enclosure, escape)?;
    csv::write_fields(cx, &reader.stream, &fields, dialect, eol)
}

fn spl_file_object_set_csv_control(
    cx: &mut Cx,
    this: &Object,
    separator: &PhpString,
    enclosure: &PhpString,
    escape: Option<&PhpString>,
) -> Ret<()> {
    let chosen = csv::dialect(cx, 1, separator, enclosure, escape)?;
    let how = &data(this).how;
    how.default_escape.set(escape.is_none());
    how.dialect.set(chosen);
    Ok(())
}

fn spl_file_object_get_csv_control(_cx: &mut Cx, this: &Object) -> Ret<PhpArray> {
    let dialect = data(this).how.dialect.get();
    Ok(PhpArray::from_list(vec![
        Value::str([dialect.delimiter]),
        Value::str([dialect.enclosure]),
        Value::str(dialect.escape.as_slice()),
    ]))
}

fn spl_file_object_flock(
    cx: &mut Cx,
    this: &Object,
    operation: i64,
    would_block: Option<&Reference>,
) -> Ret<bool> {
    let reader = reader(cx, this)?;
    handle::lock(cx, &reader.stream, 1, operation, would_block)
}

fn spl_file_object_fflush(cx: &mut Cx, this: &Object) -> Ret<bool> {
    let reader = reader(cx, this)?;
    reader.stream.flush(cx, false)
}

fn spl_file_object_ftell(cx: &mut Cx, this: &Object) -> Ret<OrFalse<i64>> {
    let reader = reader(cx, this)?;
    handle::ftell(cx, &reader.resource)
}

fn spl_file_object_fseek(cx: &mut Cx, this: &Object, offset: i64, whence: i64) -> Ret<i64> {
    let reader = reader(cx, this)?;
    reader.forget();
    handle::fseek(cx, &reader.resource, offset, whence)
}

fn spl_file_object_fgetc(cx: &mut Cx, this: &Object) -> Ret<OrFalse<Vec<u8>>> {
    let reader = reader(cx, this)?;
    reader.forget();
    let byte = handle::fgetc(cx, &reader.resource)?;
    if byte.0.as_deref() == Some(b"\n") {
        reader.number.set(reader.number.get() + 1);
    }
    Ok(byte)
}

fn spl_file_object_fpassthru(cx: &mut Cx, this: &Object) -> Ret<i64> {
    let reader = reader(cx, this)?;
    handle::pass_through(cx, &reader.stream)
}

fn spl_file_object_fscanf(
    cx: &mut Cx,
    this: &Object,
    format: &PhpString,
    vars: &[Value],
) -> Ret<Value> {
    let reader = reader(cx, this)?;
    let counts = i64::from(reader.line.borrow().is_some());
    reader.read(cx, this, Read { silent: false, csv: false, counts })?;
    let line = reader.line.borrow().clone().unwrap_or_default();
    let mut args = vec![Value::Str(line), Value::Str(format.clone())];
    args.extend_from_slice(vars);
    cx.call(&Value::str("sscanf"), args)
}

fn spl_file_object_fwrite(
    cx: &mut Cx,
    this: &Object,
    data: &PhpString,
    length: Option<i64>,
) -> Ret<OrFalse<usize>> {
    let reader = reader(cx, this)?;
    if data.is_empty() {
        return Ok(OrFalse(Some(0)));
    }
    handle::fwrite(cx, &reader.resource, data, length)
}

fn spl_file_object_fstat(cx: &mut Cx, this: &Object) -> Ret<OrFalse<PhpArray>> {
    let reader = reader(cx, this)?;
    handle::fstat(cx, &reader.resource)
}

fn spl_file_object_ftruncate(cx: &mut Cx, this: &Object, size: i64) -> Ret<bool> {
    let reader = reader(cx, this)?;
    let can = match reader.stream.backend() {
        Some(backend) => backend.can_truncate(cx)?,
        None => false,
    };
    if !can {
        let name = data(this).name.borrow().clone().unwrap_or_default();
        return Err(cx.throw("LogicException", [b"Can't truncate file ", &name[..]].concat()));
    }
    handle::truncate(cx, &reader.stream, 1, size)
}

fn spl_file_object_current(cx: &mut Cx, this: &Object) -> Ret<Value> {
    reader(cx, this)?.current(cx, this)
}

fn spl_file_object_key(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    let reader = data(this).reader.borrow();
    Ok(reader.as_ref().map_or(0, |reader| reader.number.get()))
}

fn spl_file_object_next(cx: &mut Cx, this: &Object) -> Ret<()> {
    reader(cx, this)?.next(cx, this)
}

fn spl_file_object_set_flags(_cx: &mut Cx, this: &Object, flags: i64) -> Ret<()> {
    data(this).how.flags.set(flags);
    Ok(())
}

fn spl_file_object_get_flags(_cx: &mut Cx, this: &Object) -> Ret<i64> {
    Ok(data(this).how.flags.get() & FLAGS)
}

fn spl_file_object_set_max_line_len(cx: &mut Cx, this: &Object, max_length: i64) -> Ret<()> {
    let Ok(length) = usize::try_from(max_length) else {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    };
    data(this).how.max_line.set(length);
    Ok(())
}

fn spl_file_object_get_max_line_len(_cx: &mut Cx, this: &Object) -> Ret<usize> {
    Ok(data(this).how.max_line.get())
}

fn spl_file_object_has_children(_cx: &mut Cx, _this: &Object) -> Ret<bool> {
    Ok(false)
}

fn spl_file_object_get_children(_cx: &mut Cx, _this: &Object) -> Ret<()> {
    Ok(())
}

fn spl_file_object_seek(cx: &mut Cx, this: &Object, line: i64) -> Ret<()> {
    let reader = reader(cx, this)?;
    if line < 0 {
        return Err(cx.arg_value_error(1, "must be greater than or equal to 0"));
    }
    reader.seek(cx, this, line)
}
