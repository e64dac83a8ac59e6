//! What a plan says before anything runs.

use super::super::{Launch, LaunchError, SUDO};
use super::stage::{alone, order, output, plan, surroundings};
use crate::policy::Enforcement;
use crate::policy::synopsis::Elevation;

fn elevated(user: Option<&str>) -> Launch {
    let mut order = order("cat", &["-n", "/etc/hosts"]);
    order.elevation = Some(Elevation { user: user.map(str::to_owned) });
    order.terms.env = [("PAGER".to_owned(), "less".to_owned())].into();
    plan(order)
}

fn has_no_sudo() -> bool {
    let missing = !std::path::Path::new(SUDO).exists();
    if missing {
        eprintln!("skipped: there is no {SUDO} here");
    }
    missing
}

#[test]
fn an_elevated_rule_runs_sudo_with_the_programs_full_path() {
    if has_no_sudo() {
        return;
    }
    assert_eq!(elevated(None).argv(), [SUDO, "-n", "--", "/usr/bin/cat", "-n", "/etc/hosts"]);
    assert_eq!(
        elevated(Some("www-data")).argv(),
        [SUDO, "-n", "-u", "www-data", "--", "/usr/bin/cat", "-n", "/etc/hosts"]
    );
}

#[test]
fn an_elevated_launch_says_so_and_has_no_fence() {
    if has_no_sudo() {
        return;
    }
    let launch = elevated(None);
    assert_eq!(
        (launch.enforcement(), launch.confinement.is_none(), launch.umask),
        (Enforcement::Elevated, true, 0o022)
    );
    assert!(launch.program().path.ends_with("cat") && launch.program.path.ends_with("sudo"));
    assert!(launch.program.privileged && !launch.environment().contains_key("PAGER"));
}

#[test]
fn a_missing_cwd_is_named() {
    let mut order = order("true", &[]);
    order.terms.cwd = Some("/no/such/place".into());
    let error = Launch::order(order, &surroundings()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the rule's cwd /no/such/place cannot be entered: No such file or directory"
    );
}

#[test]
fn a_nul_byte_in_a_variable_is_refused_by_name() {
    let mut order = order("true", &[]);
    order.terms.env = [("APP".to_owned(), "a\0b".to_owned())].into();
    assert_eq!(plan(order).image(&mut Vec::new()).unwrap_err(), LaunchError::Nul("APP".to_owned()));
}

#[test]
fn a_nul_byte_in_an_argument_is_refused() {
    let error = plan(order("true", &["a\0b"])).image(&mut Vec::new()).unwrap_err();
    assert_eq!(error.to_string(), "a\\0b holds a NUL byte, which no program can be given");
}

#[test]
fn an_order_plans_argv_without_touching_it() {
    assert_eq!(plan(order("cat", &["*", "a b"])).argv(), ["cat", "*", "a b"]);
}

alone! {
    fn an_elevated_command_may_gain_privileges() {
        if has_no_sudo() {
            return;
        }
        // sudo's place is taken by a program that shows what sudo would find.
        let mut launch = elevated(None);
        launch.program = plan(order("cat", &[])).program;
        launch.argv = vec!["cat".to_owned(), "/proc/self/status".to_owned()];
        let shown = super::stage::output_of(|| {
            let mut terminal = super::super::terminal::Terminal::acquire().unwrap();
            let outcome = super::super::job::run(vec![launch], super::super::job::Input::Null, &mut terminal, None, &mut || None);
            assert_eq!(super::stage::ended(outcome.unwrap()).code(), 0);
        });
        assert!(shown.contains("NoNewPrivs:\t0"), "{shown}");
    }

    fn an_ordinary_command_cannot() {
        assert!(output(order("cat", &["/proc/self/status"])).contains("NoNewPrivs:\t1"));
    }
}
