//! The meaning of SQLSTATE values, as ISO 9075 and ODBC name them.

/// In order, for searching.
const STATES: &[(&str, &str)] = &[
    ("00000", "No error"),
    ("01000", "Warning"),
    ("01001", "Cursor operation conflict"),
    ("01002", "Disconnect error"),
    ("01003", "NULL value eliminated in set function"),
    ("01004", "String data, right truncated"),
    ("01006", "Privilege not revoked"),
    ("01007", "Privilege not granted"),
    ("02000", "No data"),
    ("07001", "Wrong number of parameters"),
    ("07002", "COUNT field incorrect"),
    ("07005", "Prepared statement not a cursor-specification"),
    ("07006", "Restricted data type attribute violation"),
    ("07009", "Invalid descriptor index"),
    ("08001", "Client unable to establish connection"),
    ("08002", "Connection name in use"),
    ("08003", "Connection does not exist"),
    ("08004", "Server rejected the connection"),
    ("08006", "Connection failure"),
    ("08007", "Connection failure during transaction"),
    ("08S01", "Communication link failure"),
    ("0A000", "Feature not supported"),
    ("21000", "Cardinality violation"),
    ("21S01", "Insert value list does not match column list"),
    ("21S02", "Degree of derived table does not match column list"),
    ("22000", "Data exception"),
    ("22001", "String data, right truncated"),
    ("22002", "Indicator variable required but not supplied"),
    ("22003", "Numeric value out of range"),
    ("22007", "Invalid datetime format"),
    ("22008", "Datetime field overflow"),
    ("22012", "Division by zero"),
    ("22018", "Invalid character value for cast specification"),
    ("22019", "Invalid escape character"),
    ("23000", "Integrity constraint violation"),
    ("24000", "Invalid cursor state"),
    ("25000", "Invalid transaction state"),
    ("25S01", "Transaction state"),
    ("28000", "Invalid authorization specification"),
    ("34000", "Invalid cursor name"),
    ("3D000", "Invalid catalog name"),
    ("3F000", "Invalid schema name"),
    ("40001", "Serialization failure"),
    ("40002", "Transaction integrity constraint violation"),
    ("40003", "Statement completion unknown"),
    ("42000", "Syntax error or access violation"),
    ("42S01", "Base table or view already exists"),
    ("42S02", "Base table or view not found"),
    ("42S11", "Index already exists"),
    ("42S12", "Index not found"),
    ("42S21", "Column already exists"),
    ("42S22", "Column not found"),
    ("44000", "WITH CHECK OPTION violation"),
    ("HY000", "General error"),
    ("HY001", "Memory allocation error"),
    ("HY003", "Invalid application buffer type"),
    ("HY004", "Invalid SQL data type"),
    ("HY008", "Operation canceled"),
    ("HY010", "Function sequence error"),
    ("HY093", "Invalid parameter number"),
    ("HY105", "Invalid parameter type"),
    ("HYC00", "Optional feature not implemented"),
    ("HYT00", "Timeout expired"),
    ("IM001", "Driver does not support this function"),
];

/// The words for a state.
pub fn description(state: &str) -> &'static str {
    STATES
        .binary_search_by_key(&state, |(known, _)| known)
        .map_or("<<Unknown error>>", |at| STATES[at].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_sorted() {
        assert!(STATES.is_sorted());
        assert_eq!(description("23000"), "Integrity constraint violation");
        assert_eq!(description("99999"), "<<Unknown error>>");
    }
}
