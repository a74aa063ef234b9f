//! What random programs showed to differ from PHP.

use std::process::Command;

/// What a script prints.
fn output(script: &str) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_outlast"))
        .args(["php", "-n", "-r", script])
        .output()
        .expect("outlast runs");
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn an_object_within_itself_is_written_to() {
    let script = "$p = new stdClass; $p->any = $p; $p->any->any = 5; echo json_encode($p);\
        class P { public $any; } $p = new P; $p->any = $p; $p->any->any->any = 6; echo json_encode($p);";
    assert_eq!(output(script), "{\"any\":5}{\"any\":6}");
}

#[test]
fn a_call_of_a_value_stands_where_its_arguments_begin() {
    let script = "echo (function () {\n return (new Exception)->getTraceAsString();\n})\n(\n1);";
    let traced = output(script);
    assert!(traced.starts_with("#0 Command line code(4): {closure:"), "{traced}");
}

#[test]
fn bit_operators_look_at_variables_first() {
    let script = "function f($s) { return null & $s; } try { f('abc'); } \
        catch (TypeError $e) { echo $e->getMessage(); }";
    assert_eq!(output(script), "Unsupported operand types: string & null");
}

#[test]
fn the_right_side_of_a_compound_assignment_is_read_first() {
    let warnings = output("function f() { $a += $b; $c[$d] = $e; } f();");
    let names: Vec<&str> = warnings
        .split("Undefined variable ")
        .skip(1)
        .filter_map(|rest| rest.split_whitespace().next())
        .collect();
    assert_eq!(names, ["$b", "$a", "$d", "$e"]);
}

#[test]
fn keys_go_on_behind_a_negative_one() {
    assert_eq!(output("echo json_encode(['x' => 1, -4 => 2, 3]);"), "{\"x\":1,\"-4\":2,\"-3\":3}");
}

#[test]
fn a_closure_is_compared_as_the_number_one() {
    let text = output("var_dump((fn() => 1) == 1);");
    assert!(text.contains("Object of class Closure could not be converted to int"), "{text}");
    assert!(text.ends_with("bool(true)\n"), "{text}");
}

#[test]
fn what_cannot_be_compared_is_turned_in_reverse_too() {
    let text = output("$x = [NAN, 1, 2]; rsort($x); foreach ($x as $v) echo $v, ' ';");
    assert_eq!(text, "NAN 2 1 ");
}

#[test]
fn an_array_by_reference_is_asked_for_before_the_callback() {
    let script =
        "$s = 'x'; try { usort($s, false); } catch (TypeError $e) { echo $e->getMessage(); }";
    assert_eq!(output(script), "usort(): Argument #1 ($array) must be of type array, string given");
}
