//! The locale: `C`, also as `POSIX` and with UTF-8 characters.

use outlast_value::{PhpArray, PhpString, Value};
use outlast_vm::{Cx, OrFalse, Ret};

/// Categories in the order of the C library's numbers, `LC_ALL` left out.
const CATEGORIES: [&str; 12] = [
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MONETARY",
    "LC_MESSAGES",
    "LC_PAPER",
    "LC_NAME",
    "LC_ADDRESS",
    "LC_TELEPHONE",
    "LC_MEASUREMENT",
    "LC_IDENTIFICATION",
];
const CTYPE: usize = 0;
const ALL: i64 = 6;
/// The last category that has a constant.
const LAST: i64 = 5;
/// Names of this length are refused.
const TOO_LONG: usize = 255;

/// The locale of each category.
struct Locale([PhpString; CATEGORIES.len()]);

impl Default for Locale {
    fn default() -> Locale {
        let mut names = std::array::from_fn(|_| PhpString::from("C"));
        names[CTYPE] = PhpString::from("C.UTF-8");
        Locale(names)
    }
}

/// The name a locale gets, `None` if there is no such locale.
fn canonical(name: &[u8]) -> Option<PhpString> {
    match name {
        b"C" | b"POSIX" => Some(PhpString::from("C")),
        b"C.UTF-8" | b"C.utf8" => Some(PhpString::new(name)),
        _ => None,
    }
}

impl Locale {
    /// What `setlocale` gives for a category.
    fn shown(&self, category: i64) -> Vec<u8> {
        if category != ALL {
            return self.0[category as usize].to_vec();
        }
        if self.0.iter().all(|name| *name == self.0[0]) {
            return self.0[0].to_vec();
        }
        let parts: Vec<String> = CATEGORIES
            .iter()
            .zip(&self.0)
            .map(|(category, name)| format!("{category}={}", name.to_str_lossy()))
            .collect();
        parts.join(";").into_bytes()
    }

    /// Changes a category, or all of them; false if there is no such locale.
    fn set(&mut self, category: i64, name: &[u8]) -> bool {
        let places = if category == ALL {
            0..CATEGORIES.len()
        } else {
            category as usize..category as usize + 1
        };
        let mut names = self.0.clone();
        for place in places {
            let name = if name.is_empty() { from_environment(place) } else { name.to_vec() };
            let Some(name) = canonical(&name) else {
                return false;
            };
            names[place] = name;
        }
        self.0 = names;
        true
    }
}

/// The locale the environment names for a category.
fn from_environment(place: usize) -> Vec<u8> {
    ["LC_ALL", CATEGORIES[place], "LANG"]
        .into_iter()
        .filter_map(std::env::var_os)
        .map(std::ffi::OsString::into_encoded_bytes)
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| b"C".to_vec())
}

pub fn setlocale(
    cx: &mut Cx,
    category: i64,
    locales: &Value,
    rest: &[Value],
) -> Ret<OrFalse<Vec<u8>>> {
    let mut names = Vec::new();
    for locale in std::iter::once(locales).chain(rest) {
        match locale.deref() {
            Value::Array(list) => {
                for (_, name) in list.iter() {
                    names.push(cx.to_str(&name.deref())?);
                }
            }
            name => names.push(cx.to_str(&name)?),
        }
    }
    for name in names {
        if name.len() >= TOO_LONG {
            cx.warning("Specified locale name is too long")?;
            return Ok(OrFalse(None));
        }
        if !(0..=LAST).contains(&category) && category != ALL {
            continue;
        }
        let locale = cx.state::<Locale>();
        if name.as_bytes() == b"0" || locale.set(category, &name) {
            return Ok(OrFalse(Some(locale.shown(category))));
        }
    }
    Ok(OrFalse(None))
}

pub fn localeconv(_cx: &mut Cx) -> Ret<PhpArray> {
    // CHAR_MAX stands for what the C locale does not say.
    const UNKNOWN: i64 = 127;
    let mut conventions = PhpArray::new();
    let mut add = |name: &str, value: Value| {
        conventions.insert_str(PhpString::from(name), value);
    };
    add("decimal_point", Value::str("."));
    for name in [
        "thousands_sep",
        "int_curr_symbol",
        "currency_symbol",
        "mon_decimal_point",
        "mon_thousands_sep",
        "positive_sign",
        "negative_sign",
    ] {
        add(name, Value::empty_str());
    }
    for name in [
        "int_frac_digits",
        "frac_digits",
        "p_cs_precedes",
        "p_sep_by_space",
        "n_cs_precedes",
        "n_sep_by_space",
        "p_sign_posn",
        "n_sign_posn",
    ] {
        add(name, Value::Int(UNKNOWN));
    }
    add("grouping", Value::empty_array());
    add("mon_grouping", Value::empty_array());
    Ok(conventions)
}

const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// Number of the first item about time.
const TIME: i64 = 131_072;
/// Number of the first item about money.
const MONEY: i64 = 262_144;
const CODESET: i64 = 14;
const RADIX: i64 = 65_536;
const MESSAGES: i64 = 327_680;

/// An item about time, numbered from the abbreviated name of Sunday.
fn time_item(number: usize) -> Option<&'static [u8]> {
    Some(match number {
        0..7 => &DAYS[number].as_bytes()[..3],
        7..14 => DAYS[number - 7].as_bytes(),
        14..26 => &MONTHS[number - 14].as_bytes()[..3],
        26..38 => MONTHS[number - 26].as_bytes(),
        38 => b"AM",
        39 => b"PM",
        40 => b"%a %b %e %H:%M:%S %Y",
        41 => b"%m/%d/%y",
        42 => b"%H:%M:%S",
        43 => b"%I:%M:%S %p",
        44..=49 => b"",
        _ => return None,
    })
}

/// An item about money, numbered from the international symbol.
fn money_item(number: usize) -> Option<&'static [u8]> {
    Some(match number {
        0..=6 => b"",
        // CHAR_MAX: the locale does not say.
        7..=14 => b"\xff",
        15 => b"-",
        _ => return None,
    })
}

pub fn nl_langinfo(cx: &mut Cx, item: i64) -> Ret<OrFalse<Vec<u8>>> {
    let text: Option<&[u8]> = match item {
        CODESET => {
            let characters = &cx.state::<Locale>().0[CTYPE];
            Some(if characters.len() > 1 { b"UTF-8" } else { b"ANSI_X3.4-1968" })
        }
        RADIX => Some(b"."),
        _ if item == RADIX + 1 || item == RADIX + 2 => Some(b""),
        _ if (TIME..TIME + 50).contains(&item) => time_item((item - TIME) as usize),
        _ if (MONEY..MONEY + 16).contains(&item) => money_item((item - MONEY) as usize),
        MESSAGES => Some(b"^[yY]"),
        _ if item == MESSAGES + 1 => Some(b"^[nN]"),
        _ if item == MESSAGES + 2 || item == MESSAGES + 3 => Some(b""),
        _ => None,
    };
    if text.is_none() {
        cx.warning(format!("Item '{item}' is not valid"))?;
    }
    Ok(OrFalse(text.map(<[u8]>::to_vec)))
}
