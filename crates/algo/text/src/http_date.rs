//! Dates as HTTP headers write them.

const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: i64 = 86_400;

/// Year, month (1 to 12) and day of the days since 1970-01-01.
fn civil(days: i64) -> (i64, usize, i64) {
    // Counted from 0000-03-01, so that a leap day ends its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month as usize, day)
}

/// `Thu, 01 Jan 1970 00:00:00 GMT`, as `Date`, `Last-Modified` and cookies have it.
pub fn http_date(timestamp: i64) -> String {
    let days = timestamp.div_euclid(DAY);
    let second = timestamp.rem_euclid(DAY);
    let (year, month, day) = civil(days);
    let sign = if year < 0 { "-" } else { "" };
    format!(
        "{}, {day:02} {} {sign}{:04} {:02}:{:02}:{:02} GMT",
        DAYS[(days + 4).rem_euclid(7) as usize],
        MONTHS[month - 1],
        year.unsigned_abs(),
        second / 3600,
        second / 60 % 60,
        second % 60,
    )
}

/// `01-Jan-1970 00:00:00 UTC`, as PHP's error log has it.
pub fn log_date(timestamp: i64) -> String {
    let (year, month, day) = civil(timestamp.div_euclid(DAY));
    let second = timestamp.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let month = MONTHS[month - 1];
    format!("{day:02}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} UTC")
}

/// What a cookie carries besides its name and value.
#[derive(Clone, Copy, Debug, Default)]
pub struct CookieAttributes<'a> {
    /// When it expires; 0 is with the session.
    pub expires: i64,
    /// The path it is sent to.
    pub path: &'a [u8],
    /// The domain it is sent to.
    pub domain: &'a [u8],
    /// Only over TLS.
    pub secure: bool,
    /// Not for scripts.
    pub http_only: bool,
    /// `SameSite`.
    pub same_site: &'a [u8],
}

/// The value of a `Set-Cookie` header. `value` is already encoded; an empty one deletes
/// the cookie. `now` is the time `Max-Age` counts from.
pub fn set_cookie(name: &[u8], value: &[u8], attributes: CookieAttributes, now: i64) -> Vec<u8> {
    let mut out = [name, b"="].concat();
    if value.is_empty() {
        out.extend_from_slice(b"deleted; expires=");
        out.extend_from_slice(http_date(1).as_bytes());
        out.extend_from_slice(b"; Max-Age=0");
    } else {
        out.extend_from_slice(value);
        if attributes.expires > 0 {
            let age = attributes.expires.saturating_sub(now).max(0);
            let date = http_date(attributes.expires);
            out.extend_from_slice(format!("; expires={date}; Max-Age={age}").as_bytes());
        }
    }
    for (label, text) in [(&b"; path="[..], attributes.path), (b"; domain=", attributes.domain)] {
        if !text.is_empty() {
            out.extend_from_slice(label);
            out.extend_from_slice(text);
        }
    }
    if attributes.secure {
        out.extend_from_slice(b"; secure");
    }
    if attributes.http_only {
        out.extend_from_slice(b"; HttpOnly");
    }
    if !attributes.same_site.is_empty() {
        out.extend_from_slice(b"; SameSite=");
        out.extend_from_slice(attributes.same_site);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(951_782_400), "Tue, 29 Feb 2000 00:00:00 GMT");
        assert_eq!(http_date(1_700_000_000), "Tue, 14 Nov 2023 22:13:20 GMT");
    }

    #[test]
    fn cookies() {
        let attributes = CookieAttributes {
            expires: 100,
            path: b"/",
            http_only: true,
            ..CookieAttributes::default()
        };
        assert_eq!(
            set_cookie(b"a", b"b", attributes, 40),
            b"a=b; expires=Thu, 01 Jan 1970 00:01:40 GMT; Max-Age=60; path=/; HttpOnly"
        );
    }
}
