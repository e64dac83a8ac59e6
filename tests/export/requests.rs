//! What the exported policy answers to requests, alone and beside one that allows everything. The evaluation is the part
//! of AWS's that the policy uses, written down from its documentation: an explicit deny wins, then an allow, else no. What
//! it does not know panics, so that a new operator is not passed over.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{access, readers};
use gatesh::admin::export::Access;

const SHELL: &str = "document/SSM-SessionManagerRunShell";
const ANN: &str = "AIDAEXAMPLEANN";
const ANN_ADMIN: &str = "AIDAEXAMPLEANNADMIN";

/// One request, and what AWS knows beside it.
#[derive(Clone)]
struct Request {
    action: String,
    resource: String,
    context: BTreeMap<String, Vec<String>>,
}

impl Request {
    fn new(action: &str, resource: &str) -> Self {
        let context = BTreeMap::from([("aws:userid".into(), vec![ANN.into()])]);
        Self { action: action.into(), resource: resource.into(), context }
    }

    fn with(mut self, key: &str, values: &[&str]) -> Self {
        self.context.insert(key.into(), values.iter().map(|value| (*value).into()).collect());
        self
    }
}

fn ssm(resource: &str) -> String {
    format!("arn:aws:ssm:eu-central-1:111122223333:{resource}")
}

fn instance() -> String {
    "arn:aws:ec2:eu-central-1:111122223333:instance/i-0123456789abcdef0".into()
}

/// `*` and `?` as IAM means them.
fn like(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*') => (0..=text.len()).any(|at| text.is_char_boundary(at) && like(&pattern[1..], &text[at..])),
        Some(first) => text.chars().next().is_some_and(|c| {
            (first == '?' || first == c) && like(&pattern[first.len_utf8()..], &text[c.len_utf8()..])
        }),
    }
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::String(one) => vec![one.clone()],
        Value::Array(all) => all.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        other => panic!("{other}"),
    }
}

/// With `${aws:userid}` and its kin filled in.
fn filled(text: &str, request: &Request) -> String {
    request.context.iter().fold(text.to_owned(), |text, (key, values)| {
        text.replace(&format!("${{{key}}}"), values.first().map_or("", String::as_str))
    })
}

fn condition_holds(operator: &str, key: &str, wanted: &[String], request: &Request) -> bool {
    let wanted: Vec<String> = wanted.iter().map(|one| filled(one, request)).collect();
    let found = request.context.get(key);
    let one = |is: &dyn Fn(&str, &str) -> bool| {
        found.and_then(|all| all.first()).map(|value| wanted.iter().any(|pattern| is(pattern, value)))
    };
    let any = |is: &dyn Fn(&str, &str) -> bool| {
        found.is_some_and(|all| all.iter().any(|value| wanted.iter().any(|pattern| is(pattern, value))))
    };
    match operator {
        "StringEquals" => one(&|a, b| a == b).unwrap_or(false),
        "StringLike" => one(&like).unwrap_or(false),
        // A negated operator holds where the key is missing.
        "StringNotLike" => !one(&like).unwrap_or(false),
        "BoolIfExists" => one(&|a, b| a == b).unwrap_or(true),
        "ForAnyValue:StringEquals" => any(&|a, b| a == b),
        "ForAnyValue:StringEqualsIgnoreCase" => any(&|a, b| a.eq_ignore_ascii_case(b)),
        other => panic!("{other}"),
    }
}

fn applies(statement: &Value, request: &Request) -> bool {
    let action = list(&statement["Action"]).iter().any(|one| like(one, &request.action));
    let among =
        |resources: &Value| list(resources).iter().any(|one| like(&filled(one, request), &request.resource));
    let resource = match statement.get("NotResource") {
        Some(others) => !among(others),
        None => among(&statement["Resource"]),
    };
    let conditions = statement.get("Condition").and_then(Value::as_object).into_iter().flatten();
    let mut each = conditions.flat_map(|(operator, keys)| {
        keys.as_object().unwrap().iter().map(move |(key, wanted)| (operator, key, list(wanted)))
    });
    action && resource && each.all(|(operator, key, wanted)| condition_holds(operator, key, &wanted, request))
}

/// Whether these policies together allow the request.
fn allowed(policies: &[Value], request: &Request) -> bool {
    let statements: Vec<&Value> =
        policies.iter().flat_map(|policy| policy["Statement"].as_array().unwrap()).collect();
    let says = |effect: &str| {
        statements.iter().any(|statement| statement["Effect"] == effect && applies(statement, request))
    };
    !says("Deny") && says("Allow")
}

/// A session is asked for by instance and by document. Without a name it is Session Manager's own document, and AWS
/// looks at that only where the policy asks it to: that is what `ssm:SessionDocumentAccessCheck` is for.
fn starts(policies: &[Value], document: Option<&str>, tags: &[(&str, &str)]) -> bool {
    let request = |resource: String| {
        let request =
            Request::new("ssm:StartSession", &resource).with("ssm:SessionDocumentAccessCheck", &["true"]);
        tags.iter().fold(request, |request, (name, value)| {
            request.with(&format!("ssm:resourceTag/{name}"), &[value])
        })
    };
    let document = document.map_or_else(|| SHELL.to_owned(), |name| format!("document/{name}"));
    allowed(policies, &request(instance())) && allowed(policies, &request(ssm(&document)))
}

fn exported(access: &Access) -> Value {
    serde_json::from_str(&access.policy(&readers()).unwrap().json()).unwrap()
}

fn everything() -> Value {
    json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
}

#[test]
fn wildcards_are_iams() {
    for (pattern, text, fits) in
        [("*", "", true), ("a*c", "abbc", true), ("a?c", "ac", false), ("a", "ab", false)]
    {
        assert_eq!(like(pattern, text), fits, "{pattern} {text}");
    }
}

#[test]
fn the_groups_document_starts_and_no_other() {
    let alone = [exported(&access())];
    assert!(starts(&alone, Some("Gatesh-log-readers"), &[]));
    let others = ["AWS-StartPortForwardingSession", "AWS-StartInteractiveCommand", "AWS-StartSSHSession"];
    for document in others.map(Some).into_iter().chain([None, Some("Gatesh-package-updaters")]) {
        assert!(!starts(&alone, document, &[]), "{document:?}");
    }
    // Beside a policy that allows everything, which by itself allows each of these.
    let both = [exported(&access()), everything()];
    for document in others.map(Some).into_iter().chain([None]) {
        assert!(starts(&[everything()], document, &[]), "{document:?}");
        assert!(!starts(&both, document, &[]), "{document:?}");
    }
    // Another group's document stays possible there: on the host the person's groups decide.
    assert!(starts(&both, Some("Gatesh-package-updaters"), &[]));
}

#[test]
fn tags_decide_on_which_instances() {
    let narrow = Access { tags: vec![("env".into(), "prod".into())], ..access() };
    let policies = [exported(&narrow)];
    let document = Some("Gatesh-log-readers");
    assert!(!starts(&policies, document, &[]) && !starts(&policies, document, &[("env", "dev")]));
    assert!(allowed(
        &policies,
        &Request::new("ssm:StartSession", &instance())
            .with("ssm:SessionDocumentAccessCheck", &["true"])
            .with("ssm:resourceTag/env", &["prod"])
    ));
}

#[test]
fn other_ways_to_a_shell_are_denied_beside_any_other_policy() {
    let both = [exported(&access()), everything()];
    for action in [
        "ssm:SendCommand",
        "ssm:CreateDocument",
        "ssm:UpdateDocument",
        "ssm:UpdateDocumentDefaultVersion",
        "ssm:CreateAssociation",
        "ssm:CreateAssociationBatch",
        "ssm:StartAutomationExecution",
        "ssm:ModifyDocumentPermission",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2-instance-connect:OpenTunnel",
        "ec2:AssociateIamInstanceProfile",
        "ec2:ModifyInstanceAttribute",
    ] {
        let request = Request::new(action, "arn:aws:x:eu-central-1:111122223333:y/z");
        assert!(allowed(&[everything()], &request) && !allowed(&both, &request), "{action}");
    }
    // And what is no way to one is left alone.
    assert!(allowed(&both, &Request::new("s3:GetObject", "arn:aws:s3:::logs/x")));
}

#[test]
fn a_session_is_ended_and_resumed_by_its_own_user_only() {
    let session = |owner: &str, name: &str| {
        Request::new("ssm:ResumeSession", &ssm(&format!("session/{name}-0a1b2c3d4e5f60718")))
            .with("ssm:resourceTag/aws:ssmmessages:session-id", &[owner])
            .with("aws:username", &["ann"])
    };
    let (own, other) = (session(ANN, "ann"), session(ANN_ADMIN, "ann-admin"));
    // The published way, by the name's beginning, lets ann resume what ann-admin has open.
    let by_name = json!({"Statement": [{"Effect": "Allow", "Action": "ssm:ResumeSession",
        "Resource": "arn:aws:ssm:*:*:session/${aws:username}-*"}]});
    assert!(allowed(std::slice::from_ref(&by_name), &own) && allowed(std::slice::from_ref(&by_name), &other));
    for policies in [vec![exported(&access())], vec![exported(&access()), by_name, everything()]] {
        assert!(allowed(&policies, &own) && !allowed(&policies, &other));
        let untagged = Request::new("ssm:TerminateSession", &ssm("session/ann-1"));
        assert!(!allowed(&policies, &untagged));
    }
}

#[test]
fn nobody_becomes_another_user_by_a_tag() {
    let both = [exported(&access()), everything()];
    let tagging = |key: &str| {
        Request::new("iam:TagUser", "arn:aws:iam::111122223333:user/ann").with("aws:TagKeys", &["team", key])
    };
    for key in ["SSMSessionRunAs", "ssmsessionrunas"] {
        assert!(allowed(&[everything()], &tagging(key)) && !allowed(&both, &tagging(key)), "{key}");
    }
    assert!(allowed(&both, &tagging("cost-centre")));
}
