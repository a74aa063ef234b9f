//! What texts, zones and intervals mean, as PHP 8.4 has it.

use outlast_datetime::{
    DateTime, Fill, Interval, Message, Zone, diff, format, format_interval, parse, parse_by_format,
    parse_iso_intervals, zone,
};

fn at(zone: &str, timestamp: i64) -> DateTime {
    DateTime::from_timestamp(timestamp, 0, Zone::parse(zone.as_bytes()).expect("a zone"))
}

fn show(time: &DateTime) -> String {
    String::from_utf8(format(b"Y-m-d H:i:s T", time, true)).expect("ASCII")
}

/// `text` resolved on Wednesday, 2024-06-05 09:30 in UTC.
fn strtotime(text: &str) -> String {
    let parsed = parse(text.as_bytes());
    assert_eq!(parsed.errors, [], "{text}");
    show(&DateTime::resolve(&parsed, &at("UTC", 1_717_579_800), Fill::Midnight))
}

#[test]
fn notations() {
    for (text, wanted) in [
        ("now", "2024-06-05 09:30:00 UTC"),
        ("@-86400", "1969-12-31 00:00:00 GMT+0000"),
        ("10 September 2000", "2000-09-10 00:00:00 UTC"),
        ("Sat, 30 Apr 2016 17:52:13 EST", "2016-04-30 17:52:13 EST"),
        ("2008-07-01T22:35:17.02+02:00", "2008-07-01 22:35:17 GMT+0200"),
        ("10/Oct/2000:13:55:36 -0700", "2000-10-10 13:55:36 GMT-0700"),
        ("2008W273", "2008-07-02 00:00:00 UTC"),
        ("2008.197", "2008-07-15 00:00:00 UTC"),
        ("5/17/06 4:08 am", "2006-05-17 04:08:00 UTC"),
        ("22.12.78", "1978-12-22 00:00:00 UTC"),
        ("back of 7pm", "2024-06-05 19:15:00 UTC"),
        ("next monday", "2024-06-10 00:00:00 UTC"),
        ("monday next week", "2024-06-10 00:00:00 UTC"),
        ("last day of february noon", "2024-02-29 12:00:00 UTC"),
        ("first sat of July 2008", "2008-07-05 00:00:00 UTC"),
        ("last fri of next month", "2024-07-26 00:00:00 UTC"),
        ("+1 week 2 days 4 hours 2 seconds", "2024-06-14 13:30:02 UTC"),
        ("+5 weekdays", "2024-06-12 09:30:00 UTC"),
        ("-3 weekdays", "2024-05-31 09:30:00 UTC"),
        ("2 days ago", "2024-06-03 09:30:00 UTC"),
        ("eighth day", "2024-06-13 09:30:00 UTC"),
        ("2024-07-01 Europe/Berlin", "2024-07-01 00:00:00 CEST"),
    ] {
        assert_eq!(strtotime(text), wanted, "{text}");
    }
}

#[test]
fn errors_and_warnings() {
    let message = |position, character, text| Message { position, character, text };
    assert_eq!(parse(b"").errors, [message(0, 0, "Empty string")]);
    assert_eq!(
        parse(b"10:00 foo").errors,
        [message(6, b'f', "The timezone could not be found in the database")]
    );
    assert_eq!(parse(b"10:00 11:00").errors, [message(6, b'1', "Double time specification")]);
    assert_eq!(parse(b"2020-02-31").warnings, [message(11, 0, "The parsed date was invalid")]);
    assert_eq!(parse(b"1,5 days").errors, [message(0, b'1', "Unexpected character")]);
}

#[test]
fn by_format() {
    let parsed = parse_by_format(b"!d/m/Y H\\h", b"15/08/2022 7h");
    assert_eq!(parsed.errors, []);
    let time = DateTime::resolve(&parsed, &at("UTC", 0), Fill::Time);
    assert_eq!(show(&time), "2022-08-15 07:00:00 UTC");

    let texts = |format: &str, text: &str| -> Vec<_> {
        let parsed = parse_by_format(format.as_bytes(), text.as_bytes());
        parsed.errors.iter().map(|message| (message.position, message.text)).collect()
    };
    assert_eq!(texts("H:i", "10:"), [(3, "Not enough data available to satisfy format")]);
    assert_eq!(texts("d", "12abc"), [(2, "Trailing data")]);
    assert_eq!(texts("d+", "12abc"), []);
    assert_eq!(texts("h", "13"), [(0, "Hour cannot be higher than 12")]);
}

#[test]
fn gaps_and_overlaps() {
    let noon = at("Europe/Berlin", 1_711_796_400);
    assert_eq!(
        show(&noon.with_date(2024, 3, 31).with_time(2, 30, 0, 0)),
        "2024-03-31 03:30:00 CEST"
    );
    let summer = at("Europe/Berlin", 1_729_980_000);
    assert_eq!(show(&summer.with_time(2, 30, 0, 0)), "2024-10-27 02:30:00 CEST");
    let winter = at("Europe/Berlin", 1_730_030_400);
    assert_eq!(show(&winter.with_time(2, 30, 0, 0)), "2024-10-27 02:30:00 CET");
}

#[test]
fn differences() {
    let text = |from: &DateTime, to: &DateTime| {
        String::from_utf8(format_interval(b"%R %y %m %d %h %i %s %a", &diff(from, to)))
            .expect("ASCII")
    };
    let (one, two) = (at("UTC", 946_684_800), at("UTC", 1_354_273_933));
    assert_eq!(text(&one, &two), "+ 12 10 29 11 12 13 4717");
    assert_eq!(text(&two, &one), "- 12 10 29 11 12 13 4717");
    let (before, after) = (at("Europe/Berlin", 1_729_980_000), at("Europe/Berlin", 1_730_070_000));
    assert_eq!(text(&before, &after), "+ 0 0 1 0 0 0 1");
}

#[test]
fn periods() {
    let parts = parse_iso_intervals(b"R5/2008-03-01T13:00:00Z/P1Y2M").expect("well formed");
    assert_eq!((parts.recurrences, parts.begin), (Some(5), Some([2008, 3, 1, 13, 0, 0])));
    let step = parts.period.expect("a period");
    let begin = at("UTC", 1_204_376_400);
    assert_eq!(show(&begin.with_relative(step)), "2009-05-01 13:00:00 UTC");
    assert_eq!(parse_iso_intervals(b"R/2012-07-01T00:00:00Z/P7D"), None);

    let relative = Interval::from_parsed(&parse(b"first monday of next month"));
    assert_eq!(show(&begin.add(&relative)), "2008-04-07 13:00:00 UTC");
    assert!(relative.has_special());
}

#[test]
fn zones() {
    let name = |text: &str| Zone::parse(text.as_bytes()).map(|zone| (zone.kind(), zone.name()));
    assert_eq!(name("europe/berlin"), Some((3, "Europe/Berlin".to_owned())));
    assert_eq!(name("est"), Some((2, "EST".to_owned())));
    assert_eq!(name("-0130"), Some((1, "-01:30".to_owned())));
    assert_eq!(name("(+01:02:03)"), Some((1, "+01:02:03".to_owned())));
    assert_eq!(name("Europe/Nowhere"), None);

    let berlin = zone::find_zone(b"Europe/Berlin").expect("a zone");
    let changes = berlin.transitions(4_000_000_000, 4_020_000_000);
    let changes: Vec<_> = changes.iter().map(|change| (change.timestamp, change.offset)).collect();
    assert_eq!(changes, [(4_000_000_000, 7200), (4_002_224_400, 3600), (4_015_530_000, 7200)]);

    let from = |name: &str, offset, dst| zone::name_from_abbreviation(name.as_bytes(), offset, dst);
    assert_eq!(from("CET", -1, None).as_deref(), Some("Europe/Berlin"));
    assert_eq!(from("", 3600, Some(false)).as_deref(), Some("Europe/Paris"));
    assert_eq!(from("", 12_345, None), None);
    assert!(zone::identifiers_of_country(b"de").contains(&"Europe/Berlin"));
    assert_eq!(zone::location("Europe/Berlin").country, "DE");
    let list = zone::abbreviations();
    let cest = list.iter().find(|(name, _)| name == "cest").expect("listed");
    assert!(cest.1.iter().any(|entry| entry.zone.as_deref() == Some("Europe/Vienna")));
}
