use super::*;
use crate::ast::{BinaryOp, ExprKind, Selector, StmtKind, StringPart};

fn parse_ok(code: &str) -> File {
    let source = format!("<?php {code}");
    match parse(source.as_bytes(), &ParseOptions::default()) {
        Ok(file) => file,
        Err(error) => panic!("{code}: {error}"),
    }
}

fn error(code: &str) -> String {
    let source = format!("<?php {code}");
    match parse(source.as_bytes(), &ParseOptions::default()) {
        Ok(_) => panic!("{code} parses"),
        Err(error) => format!("{:?}: {error}", error.kind),
    }
}

/// The expression of the only statement.
fn expr(code: &str) -> Expr {
    let file = parse_ok(&format!("{code};"));
    match &file.stmts[0].kind {
        StmtKind::Expr(expr) => expr.clone(),
        other => panic!("{code}: {other:?}"),
    }
}

/// Fully parenthesized notation of the expressions the tests use.
fn shape(expr: &Expr) -> String {
    let text = |bytes: &Bytes| String::from_utf8_lossy(bytes).into_owned();
    match &expr.kind {
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Float(value) => format!("{value:?}"),
        ExprKind::String(value) => format!("'{}'", text(value)),
        ExprKind::Variable(name) => format!("${}", text(name)),
        ExprKind::VariableVariable(inner) => format!("${{{}}}", shape(inner)),
        ExprKind::Name(name) => text(&name.text),
        ExprKind::Paren(inner) => shape(inner),
        ExprKind::Unary { op, expr } => format!("({op:?} {})", shape(expr)),
        ExprKind::Cast { kind, expr } => format!("(({kind:?}) {})", shape(expr)),
        ExprKind::Silence(expr) => format!("(@{})", shape(expr)),
        ExprKind::Print(expr) => format!("(print {})", shape(expr)),
        ExprKind::Throw(expr) => format!("(throw {})", shape(expr)),
        ExprKind::Clone(expr) => format!("(clone {})", shape(expr)),
        ExprKind::Include { expr, .. } => format!("(include {})", shape(expr)),
        ExprKind::Binary { op, left, right } => {
            format!("({} {op:?} {})", shape(left), shape(right))
        }
        ExprKind::Logical { op, left, right } => {
            format!("({} {op:?} {})", shape(left), shape(right))
        }
        ExprKind::Coalesce { left, right } => format!("({} ?? {})", shape(left), shape(right)),
        ExprKind::Assign { target, value } => format!("({} = {})", shape(target), shape(value)),
        ExprKind::AssignOp { op, target, value } => {
            format!("({} {op:?}= {})", shape(target), shape(value))
        }
        ExprKind::InstanceOf { expr, class } => {
            format!("({} instanceof {})", shape(expr), shape(class))
        }
        ExprKind::Ternary { cond, then, otherwise } => format!(
            "({} ? {} : {})",
            shape(cond),
            then.as_ref().map_or(String::new(), |then| shape(then)),
            shape(otherwise)
        ),
        ExprKind::Yield { key, value } => {
            let part = |expr: &Option<Box<Expr>>| expr.as_ref().map_or(String::new(), |e| shape(e));
            format!("(yield {} => {})", part(key), part(value))
        }
        ExprKind::Closure(closure) => match &closure.decl.body.as_ref().unwrap()[0].kind {
            StmtKind::Return(Some(value)) => format!("(fn {})", shape(value)),
            other => panic!("{other:?}"),
        },
        ExprKind::Call { callee, .. } => format!("{}()", shape(callee)),
        ExprKind::New { class, .. } => format!("(new {})", shape(class)),
        ExprKind::Index { base, index } => {
            let index = index.as_ref().map_or(String::new(), |index| shape(index));
            format!("{}[{index}]", shape(base))
        }
        ExprKind::Property { object, name, nullsafe } => {
            format!("{}{}{}", shape(object), if *nullsafe { "?->" } else { "->" }, member(name))
        }
        ExprKind::MethodCall { object, name, .. } => {
            format!("{}->{}()", shape(object), member(name))
        }
        ExprKind::StaticCall { class, name, .. } => format!("{}::{}()", shape(class), member(name)),
        ExprKind::StaticProperty { class, name } => format!("{}::${}", shape(class), member(name)),
        ExprKind::ClassConstant { class, name } => format!("{}::{}", shape(class), member(name)),
        ExprKind::Interpolated(parts) => parts
            .iter()
            .map(|part| match part {
                StringPart::Literal(value) => format!("<{}>", text(value)),
                StringPart::Expr(expr) => shape(expr),
            })
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn member(name: &Selector) -> String {
    match name {
        Selector::Name(name) => String::from_utf8_lossy(&name.text).into_owned(),
        Selector::Expr(expr) => format!("{{{}}}", shape(expr)),
    }
}

#[test]
fn precedence() {
    let cases = [
        ("!$a instanceof B", "(Not ($a instanceof B))"),
        ("-$a ** 2", "(Minus ($a Pow 2))"),
        ("2 ** 3 ** 2", "(2 Pow (3 Pow 2))"),
        ("(int) $a ** 2", "((Int) ($a Pow 2))"),
        ("-$a * 3", "((Minus $a) Mul 3)"),
        ("2 ** -1", "(2 Pow (Minus 1))"),
        ("'a' . 1 + 2", "('a' Concat (1 Add 2))"),
        ("'a' . 1 << 2", "('a' Concat (1 ShiftLeft 2))"),
        ("'a' . 'b' < 'c'", "(('a' Concat 'b') Less 'c')"),
        ("print $a or $b", "((print $a) Or $b)"),
        ("1 + print 2 + 3", "(1 Add (print (2 Add 3)))"),
        ("!$a = f()", "(Not ($a = f()))"),
        ("$a && $b = c() || 1", "($a And ($b = (c() Or 1)))"),
        ("$a = $b and $c", "(($a = $b) And $c)"),
        ("$a = $b += 2", "($a = ($b Add= 2))"),
        ("$a ?? $b ?? $c", "($a ?? ($b ?? $c))"),
        ("$a ?? throw $b", "($a ?? (throw $b))"),
        ("throw $a or $b", "(throw ($a Or $b))"),
        ("include 'a' or 'b'", "(include ('a' Or 'b'))"),
        ("fn() => $a and $b", "(fn ($a And $b))"),
        ("$a ? 1 : ($b ? 2 : 3)", "($a ? 1 : ($b ? 2 : 3))"),
        ("$a ?: $b ?: $c", "(($a ?  : $b) ?  : $c)"),
        ("$a == 1 ? $b = 2 : $c = 3", "(($a Equal 1) ? ($b = 2) : ($c = 3))"),
        ("1 < 2 == 3 > 4", "((1 Less 2) Equal (3 Greater 4))"),
        ("1 | 2 ^ 3 & 4", "(1 BitOr (2 BitXor (3 BitAnd 4)))"),
        ("@$a . $b", "((@$a) Concat $b)"),
        ("clone $a->b", "(clone $a->b)"),
        ("yield $a or $b", "((yield  => $a) Or $b)"),
        ("$x = yield 1 => 2", "($x = (yield 1 => 2))"),
        ("1 xor 2 and 3 or 4", "((1 LogicalXor (2 And 3)) Or 4)"),
        ("new Foo()->bar()", "(new Foo)->bar()"),
        ("new $a->b['c']", "(new $a->b['c'])"),
        ("new (f())", "(new f())"),
        ("$a::$b::c()", "$a::$b::c()"),
        ("A::$b()", "A::{$b}()"),
        ("A::$$b", "A::${$b}"),
        ("A::list", "A::list"),
        ("$a->{'x'}?->class[1]", "$a->{'x'}?->class[1]"),
        ("$$a['b']", "${$a}['b']"),
        ("namespace\\foo", "foo"),
    ];
    for (code, expected) in cases {
        assert_eq!(shape(&expr(code)), expected, "{code}");
    }
}

#[test]
fn literals() {
    let cases = [
        ("0x7fffffffffffffff", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e18"),
        ("0xFFFFFFFFFFFFFFFF", "1.8446744073709552e19"),
        ("1_000.5e-1_0", "1.0005e-7"),
        ("0o17", "15"),
        ("017", "15"),
        ("0b1_1", "3"),
        (".5", "0.5"),
        ("6.", "6.0"),
        ("08.5", "8.5"),
        ("'a\\'b\\n'", "'a'b\\n'"),
        (r#""\x41\101\u{e9}\e\$\q\"""#, "'A\u{41}\u{e9}\u{1b}$\\q\"'"),
        ("b'x'", "'x'"),
        ("<<<A\n   a\n     b\n\n   A", "'a\n  b\n'"),
        ("<<<'A'\n  $a\\n\n  A", "'$a\\n'"),
        ("<<<A\nA", "''"),
    ];
    for (code, expected) in cases {
        assert_eq!(shape(&expr(code)), expected, "{code}");
    }
}

#[test]
fn interpolation() {
    let cases = [
        (r#""a $b c""#, "<a >$b< c>"),
        (r#""$a[0]$a[-1]$a[01]$a[1_0]$a[k]$a[$i]""#, "$a[0]$a[-1]$a['01']$a['1_0']$a['k']$a[$i]"),
        (r#""$a[-0]$a[9223372036854775808]""#, "$a['-0']$a['9223372036854775808']"),
        (r#""$a->b->c $a?->b""#, "$a->b<->c >$a?->b"),
        (r#""${a}${a[1]}${'x'}""#, "$a$a[1]${'x'}"),
        (r#""{$a->b['c']()} {a} $ {""#, "$a->b['c']()< {a} $ {>"),
        ("<<<A\n  x\n   {$a}\n  A", "<x\n >$a"),
    ];
    for (code, expected) in cases {
        assert_eq!(shape(&expr(code)), expected, "{code}");
    }
    assert_eq!(parse_ok("\"${a}\";").notices.len(), 1);
}

#[test]
fn errors() {
    let cases = [
        ("}", "Parse: Unmatched '}' on line 1"),
        ("{\n(]", "Parse: Unclosed '(' does not match ']' on line 2"),
        ("function f() {\n", "Parse: Unclosed '{' on line 1 on line 2"),
        ("$a = 1 $b;", "Parse: syntax error, unexpected variable \"$b\" on line 1"),
        (
            "echo 1\n2;",
            "Parse: syntax error, unexpected integer \"2\", expecting \",\" or \";\" on line 2",
        ),
        ("1 < 2 < 3;", "Parse: syntax error, unexpected token \"<\" on line 1"),
        ("if (1)", "Parse: syntax error, unexpected end of file on line 1"),
        (
            "else;",
            "Parse: syntax error, unexpected token \"else\", expecting end of file on line 1",
        ),
        ("1 'x\ny';", "Parse: syntax error, unexpected single-quoted string \"x\" on line 2"),
        ("\"a $b\" 1;", "Parse: syntax error, unexpected integer \"1\" on line 1"),
        ("f($a $b);", "Parse: syntax error, unexpected variable \"$b\", expecting \")\" on line 1"),
        ("f(list 1);", "Parse: syntax error, unexpected integer \"1\", expecting \":\" on line 1"),
        ("09;", "Parse: Invalid numeric literal on line 1"),
        ("\"\n\\u{zz}\";", "Parse: Invalid UTF-8 codepoint escape sequence on line 2"),
        (
            "<<<A\n a\n  A;",
            "Parse: Invalid body indentation level (expecting an indentation level of at least 2) \
             on line 2",
        ),
        ("/* x\n", "Parse: Unterminated comment starting line 1 on line 1"),
        (
            "class A { public public $a; }",
            "Compile: Multiple access type modifiers are not allowed on line 1",
        ),
        (
            "class A { static const X = 1; }",
            "Compile: Cannot use the static modifier on a class constant on line 1",
        ),
        (
            "1 ? 2 : 3 ? 4 : 5;",
            "Compile: Unparenthesized `a ? b : c ? d : e` is not supported. Use either \
             `(a ? b : c) ? d : e` or `a ? b : (c ? d : e)` on line 1",
        ),
    ];
    for (code, expected) in cases {
        assert_eq!(error(code), expected, "{code}");
    }
}

#[test]
fn doc_comments_go_to_the_next_declaration() {
    let file = parse_ok("/** f */ $x = 1; function f() {} /** g */ if (1) {} function g() {}");
    let doc = |at: usize| match &file.stmts[at].kind {
        StmtKind::Function(decl) => decl.doc.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(doc(1), Some(Bytes::from("/** f */")));
    assert_eq!(doc(3), None);
}

#[test]
fn generators() {
    let file = parse_ok("function f() { $x = [yield]; } function g() { fn() => yield 1; }");
    let flags: Vec<bool> = file
        .stmts
        .iter()
        .map(|stmt| match &stmt.kind {
            StmtKind::Function(decl) => decl.is_generator,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(flags, [true, false]);
}

#[test]
fn halt_compiler_keeps_the_offset() {
    let source = b"<?php __halt_compiler(); \x00 (data";
    let file = parse(source, &ParseOptions::default()).expect("parses");
    assert_eq!(file.halt_offset, Some(24));
}

#[test]
fn lines_of_nodes_are_those_of_their_first_operand() {
    let file = parse_ok("return\n\n$a;");
    assert_eq!(file.stmts[0].span.line, 3);
}

#[test]
fn deep_nesting_is_refused_and_long_chains_are_not() {
    let nested = |n: usize| format!("{}1{};", "(".repeat(n), ")".repeat(n));
    assert_eq!(parse_ok(&nested(5_000)).stmts.len(), 1);
    assert_eq!(error(&nested(100_000)), "Parse: memory exhausted on line 1");
    let braces = format!("{}{}", "if (1) {".repeat(140), "}".repeat(140));
    parse_ok(&braces);
    let classes = format!("{}{}", "new class { function f() {".repeat(48), "}};".repeat(48));
    parse_ok(&classes);
    let chain = format!("{}1;", "1 . ".repeat(100_000));
    let file = parse_ok(&chain);
    assert!(file.depth >= 100_000);
    let StmtKind::Expr(expr) = &file.stmts[0].kind else { panic!() };
    assert!(matches!(&expr.kind, ExprKind::Binary { op: BinaryOp::Concat, .. }));
}
