//! Settings of PHP by place: php.ini's sections, `[[path]]` tables, `.user.ini`.

use crate::site::{body, folder, serve_folder};

/// What a script sees of a setting, and what becomes of its attempts to change it.
const LOOK: &str = "<?php
    $before = [ignore_user_abort(), ini_get('ignore_user_abort')];
    $row = ini_get_all()['ignore_user_abort'];
    ignore_user_abort(true);
    $set = ini_set('ignore_user_abort', '0');
    ini_restore('ignore_user_abort');
    echo json_encode([...$before, $row['global_value'], $row['access'], $set, ini_get('ignore_user_abort')]);
    echo ini_get('precision'), getcwd() === __DIR__ ? '' : getcwd();";

#[test]
fn each_folder_has_its_own_and_admin_values_hold() {
    let root = folder("places");
    for name in ["user/deep", "section", "table", "admin"] {
        std::fs::create_dir_all(root.join(name)).unwrap();
        std::fs::write(root.join(name).join("t.php"), LOOK).unwrap();
    }
    std::fs::write(root.join("t.php"), LOOK).unwrap();
    std::fs::write(root.join(".user.ini"), "precision = 11\n").unwrap();
    std::fs::write(root.join("user/.user.ini"), "ignore_user_abort = On\n").unwrap();
    std::fs::write(root.join("admin/.user.ini"), "ignore_user_abort = Off\n").unwrap();
    let toml = "[[path]]\npath = 'table'\nini = { ignore_user_abort = true, precision = 9 }\n\
                [[path]]\npath = 'admin'\nadmin_ini = { ignore_user_abort = true }\n\
                [[path]]\npath = 'user/deep/t.php'\nini.memory_limit = '9M'\n";
    std::fs::write(root.join("outlast.toml"), toml).unwrap();
    let section = std::fs::canonicalize(&root).unwrap().join("section");
    let ini = format!(
        "[PATH={}]\nignore_user_abort = 1\n[HOST=other.test]\nprecision = 5\n",
        section.display()
    );
    std::fs::write(root.join("my.ini"), format!("[PHP]\nprecision = 7\n{ini}")).unwrap();
    let (toml, ini) = (root.join("outlast.toml"), root.join("my.ini"));
    let define = format!("-c{}", ini.display());
    let site = serve_folder(&root, &["--config", toml.to_str().unwrap(), &define]);

    let seen = |path: &str| body(&site.get(path)).to_owned();
    for _ in 0..2 {
        assert_eq!(seen("/t.php"), r#"[0,"0","0",7,"1","0"]11"#);
        assert_eq!(seen("/user/deep/t.php"), r#"[1,"1","0",7,"1","0"]11"#);
        assert_eq!(seen("/section/t.php"), r#"[1,"1","0",4,false,"1"]11"#);
        assert_eq!(seen("/table/t.php"), r#"[1,"1","0",7,"1","0"]11"#);
        assert_eq!(seen("/admin/t.php"), r#"[1,"1","0",4,false,"1"]11"#);
    }
    let other = site.ask("GET /t.php HTTP/1.1\r\nHost: Other.test\r\nConnection: close\r\n\r\n");
    assert_eq!(body(&other), r#"[0,"0","0",7,"1","0"]5"#);
    drop(site);
    std::fs::remove_dir_all(root).unwrap();
}
