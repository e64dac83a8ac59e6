//! `gateshctl new`: a group file to start from, one of the shipped roles. They are the files that the project's own
//! tests check and try.

use clap::Args;
use serde_json::json;

use super::export::group_name;
use super::{Answer, Common, Unanswered, Verdict, print, print_json};

#[derive(Args)]
pub(super) struct New {
    /// The role to start from
    #[arg(long, value_name = "NAME", required_unless_present = "list")]
    template: Option<String>,
    /// The Unix group whose file it becomes
    #[arg(long, value_name = "GROUP", requires = "template")]
    group: Option<String>,
    /// Print the roles there are
    #[arg(long, conflicts_with = "template")]
    list: bool,
}

/// A file that is shipped.
struct Template {
    name: &'static str,
    text: &'static str,
    /// The set it includes, which is a file of its own.
    needs: Option<&'static str>,
    place: &'static str,
}

const fn role(name: &'static str, text: &'static str) -> Template {
    Template { name, text, needs: None, place: "groups.d" }
}

const TEMPLATES: &[Template] = &[
    role("container-viewers", include_str!("../../config/examples/groups.d/container-viewers.toml")),
    role("deployers", include_str!("../../config/examples/groups.d/deployers.toml")),
    role("log-readers", include_str!("../../config/examples/groups.d/log-readers.toml")),
    role("network-debuggers", include_str!("../../config/examples/groups.d/network-debuggers.toml")),
    role("package-updaters", include_str!("../../config/examples/groups.d/package-updaters.toml")),
    role("published-package-updaters", include_str!("../../config/groups.d/package-updaters.toml")),
    role("security-auditors", include_str!("../../config/examples/groups.d/security-auditors.toml")),
    role("service-operators", include_str!("../../config/examples/groups.d/service-operators.toml")),
    role("tools", include_str!("../../config/examples/groups.d/tools.toml")),
    Template {
        needs: Some("filters"),
        ..role("published-log-readers", include_str!("../../config/groups.d/log-readers.toml"))
    },
    Template { place: "sets.d", ..role("filters", include_str!("../../config/sets.d/filters.toml")) },
];

impl New {
    pub(super) fn run(&self, common: &Common) -> Answer {
        let Some(name) = &self.template else { return Ok(list(common)) };
        let template =
            TEMPLATES.iter().find(|template| template.name == name).ok_or_else(|| unknown(name))?;
        let group = self.group.as_deref().unwrap_or(template.name);
        group_name(group).map_err(|fault| Unanswered(fault.to_string()))?;
        let text = format!("# {}\n{}", template.head(group), template.text);
        if common.json {
            print_json(&json!({ "file": format!("{}/{group}.toml", template.place), "text": text }));
        } else {
            print(text.lines());
        }
        Ok(Verdict::Holds)
    }
}

impl Template {
    fn head(&self, group: &str) -> String {
        let place = format!("/etc/gatesh/{}/{group}.toml", self.place);
        let whose = match self.place {
            "sets.d" => "what group files may include".to_owned(),
            _ => format!("the rules of the Unix group {group}"),
        };
        let needs = self.needs.map(|set| format!(" It includes a set: gateshctl new --template {set}"));
        format!("{place}: {whose}.{}", needs.unwrap_or_default())
    }

    /// The file's own description.
    fn description(&self) -> &str {
        let line = self.text.lines().find_map(|line| line.strip_prefix("description = \""));
        line.and_then(|rest| rest.strip_suffix('"')).unwrap_or_default()
    }
}

fn list(common: &Common) -> Verdict {
    if common.json {
        let all = TEMPLATES.iter().map(|one| json!({ "name": one.name, "description": one.description() }));
        print_json(&all.collect());
    } else {
        print(TEMPLATES.iter().map(|one| format!("{:<28}{}", one.name, one.description())));
    }
    Verdict::Holds
}

fn unknown(name: &str) -> Unanswered {
    let all: Vec<&str> = TEMPLATES.iter().map(|template| template.name).collect();
    let name = crate::excerpt::escape(name);
    Unanswered(format!("there is no template {name}: there are {}", all.join(", ")))
}
