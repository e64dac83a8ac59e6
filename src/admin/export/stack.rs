//! All groups at once, as templates: documents, managed policies, and the association that delivers policy files.

use super::delivery::Delivery;
use super::names::{ExportFault, document_name};
use super::{Access, Data, GroupFacts, Session, SessionKind, data::quoted};

/// What every group of a template shares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Of each document; `run_as` is `gatesh-GROUP` where it is absent. With `single_command` every group has a second
    /// document for that, `Gatesh-GROUP-command`, beside the one with a prompt.
    pub session: Session,
    /// Of each policy.
    pub access: Access,
    /// Of the policy files, if they are delivered.
    pub delivery: Option<Delivery>,
}

/// One group's part.
struct Part {
    /// Letters and digits, unique in the template.
    id: String,
    name: String,
    documents: Vec<Document>,
    policy: Data,
}

/// One of its documents.
struct Document {
    id: String,
    name: String,
    content: Data,
}

impl Stack {
    /// A `CloudFormation` template, to be written as YAML or JSON.
    pub fn cloudformation(&self, groups: &[GroupFacts]) -> Result<Data, ExportFault> {
        let mut resources = Vec::new();
        for part in self.parts(groups)? {
            resources.extend(part.documents.into_iter().map(|document| {
                let content = document_resource(&document.name, "Session", document.content);
                (format!("Document{}", document.id), content)
            }));
            resources.push((format!("Policy{}", part.id), policy_resource(&part.name, part.policy)));
        }
        let mut template = vec![("AWSTemplateFormatVersion", Data::text("2010-09-09"))];
        template
            .push(("Description", Data::text("gatesh: Session documents and IAM policies of its groups")));
        if let Some(delivery) = &self.delivery {
            template.push(("Parameters", Data::map([("PolicySha256", digest_parameter())])));
            resources.extend(deliver(delivery)?);
        }
        if resources.len() > MOST_RESOURCES {
            return Err(ExportFault::TooLong {
                what: "resources",
                length: resources.len(),
                most: MOST_RESOURCES,
                cure: "export terraform has no such limit",
            });
        }
        template.push(("Resources", Data::Map(resources)));
        Ok(Data::map(template))
    }

    /// Terraform configuration in HCL.
    pub fn terraform(&self, groups: &[GroupFacts]) -> Result<String, ExportFault> {
        let mut out = String::new();
        for part in self.parts(groups)? {
            for Document { id, name, content } in &part.documents {
                out += &document_block(id, name, "Session", content);
            }
            out += &block(
                "aws_iam_policy",
                &part.id,
                &[("name", quoted(&part.name)), ("policy", format!("jsonencode({})", hcl(&part.policy, 1)))],
                "",
            );
        }
        if let Some(delivery) = &self.delivery {
            out += &terraform_delivery(delivery)?;
        }
        Ok(out)
    }

    fn parts(&self, groups: &[GroupFacts]) -> Result<Vec<Part>, ExportFault> {
        let mut parts: Vec<Part> = Vec::new();
        for group in groups {
            let part = self.part(group)?;
            let is_its =
                |id: &str| part.documents.iter().any(|document| document.id.eq_ignore_ascii_case(id));
            if is_its(DELIVERY) {
                return Err(ExportFault::Conflict(format!(
                    "the group {} has the name of the document that delivers policies: rename it",
                    group.name
                )));
            }
            // IAM does not regard case either: Gatesh-Web and Gatesh-web are one policy.
            let is_both = |other: &&Part| other.documents.iter().any(|document| is_its(&document.id));
            if let Some(other) = parts.iter().find(is_both) {
                return Err(ExportFault::Conflict(format!(
                    "{} and {} would have one resource, for what they are called differs only in punctuation, case \
                     or a -command at the end: rename one of the groups",
                    other.name, part.name
                )));
            }
            parts.push(part);
        }
        Ok(parts)
    }

    fn part(&self, group: &GroupFacts) -> Result<Part, ExportFault> {
        let run_as = self.session.run_as.clone().unwrap_or_else(|| format!("gatesh-{}", group.name));
        let command = Session { run_as: Some(run_as), ..self.session.clone() };
        let prompt = Session { kind: SessionKind::Interactive, single_command: None, ..command.clone() };
        let (id, name) = (id(&group.name), document_name(&group.name, None)?);
        let mut documents =
            vec![Document { id: id.clone(), name: name.clone(), content: prompt.document(group)? }];
        if command.single_command.is_some() {
            let name = document_name(&group.name, Some(&format!("{name}-command")))?;
            documents.push(Document { id: format!("{id}Command"), name, content: command.document(group)? });
        }
        let names = documents.iter().map(|document| document.name.clone()).collect();
        let access = Access { documents: names, ..self.access.clone() };
        Ok(Part { id, name, documents, policy: access.policy(group)? })
    }
}

/// Of one template (quotas of `CloudFormation`).
const MOST_RESOURCES: usize = 500;

/// The resource that delivers policies, which no group's may be.
const DELIVERY: &str = "DeliverPolicy";

/// Begins with a letter, as Terraform wants it.
fn id(group: &str) -> String {
    let id = group.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect::<Vec<_>>().concat();
    if id.starts_with(|c: char| c.is_ascii_alphabetic()) { id } else { format!("Group{id}") }
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn resource(kind: &str, properties: Data) -> Data {
    Data::map([("Type", Data::text(kind)), ("Properties", properties)])
}

fn document_resource(name: &str, kind: &str, content: Data) -> Data {
    let properties = [
        ("Name", Data::text(name)),
        ("DocumentType", Data::text(kind)),
        ("DocumentFormat", Data::text("JSON")),
        ("UpdateMethod", Data::text("NewVersion")),
        ("Content", content),
    ];
    resource("AWS::SSM::Document", Data::map(properties))
}

fn policy_resource(name: &str, policy: Data) -> Data {
    let properties = [("ManagedPolicyName", Data::text(name)), ("PolicyDocument", policy)];
    resource("AWS::IAM::ManagedPolicy", Data::map(properties))
}

fn digest_parameter() -> Data {
    Data::map([
        ("Type", Data::text("String")),
        ("Description", Data::text("SHA-256 of the policy archive, in hexadecimal")),
        ("AllowedPattern", Data::text("^[0-9a-f]{64}$")),
    ])
}

fn deliver(delivery: &Delivery) -> Result<Vec<(String, Data)>, ExportFault> {
    let document = document_resource("Gatesh-deliver-policy", "Command", delivery.document()?);
    let target = Data::map([
        ("Key", Data::text(format!("tag:{}", delivery.tag.0))),
        ("Values", Data::texts([delivery.tag.1.as_str()])),
    ]);
    let digest = Data::List(vec![Data::map([("Ref", Data::text("PolicySha256"))])]);
    let association = Data::map([
        ("Name", Data::map([("Ref", Data::text("DeliverPolicy"))])),
        ("AssociationName", Data::text("gatesh-policy")),
        ("Targets", Data::List(vec![target])),
        ("ScheduleExpression", Data::text(&delivery.schedule)),
        ("Parameters", Data::map([("sha256", digest)])),
        ("ComplianceSeverity", Data::text("HIGH")),
    ]);
    Ok(vec![
        ("DeliverPolicy".to_owned(), document),
        ("DeliverPolicyAssociation".to_owned(), resource("AWS::SSM::Association", association)),
    ])
}

fn terraform_delivery(delivery: &Delivery) -> Result<String, ExportFault> {
    let mut out = String::from("variable \"policy_sha256\" {\n  type = string\n}\n\n");
    out += &document_block("DeliverPolicy", "Gatesh-deliver-policy", "Command", &delivery.document()?);
    let target = format!(
        "\n  targets {{\n    key    = {}\n    values = [{}]\n  }}\n",
        quoted(&format!("tag:{}", delivery.tag.0)),
        quoted(&delivery.tag.1)
    );
    let association = [
        ("name", "aws_ssm_document.DeliverPolicy.name".to_owned()),
        ("association_name", quoted("gatesh-policy")),
        ("schedule_expression", quoted(&delivery.schedule)),
        ("compliance_severity", quoted("HIGH")),
        ("parameters", "{ sha256 = var.policy_sha256 }".to_owned()),
    ];
    out += &block("aws_ssm_association", "DeliverPolicy", &association, &target);
    Ok(out)
}

fn document_block(id: &str, name: &str, kind: &str, content: &Data) -> String {
    let arguments = [
        ("name", quoted(name)),
        ("document_type", quoted(kind)),
        ("document_format", quoted("JSON")),
        ("content", format!("jsonencode({})", hcl(content, 1))),
    ];
    block("aws_ssm_document", id, &arguments, "")
}

/// A resource: arguments, then nested blocks as they stand.
fn block(kind: &str, id: &str, arguments: &[(&str, String)], nested: &str) -> String {
    let lines: Vec<String> = arguments.iter().map(|(name, value)| format!("  {name} = {value}\n")).collect();
    format!("resource \"{kind}\" \"{id}\" {{\n{}{nested}}}\n\n", lines.concat())
}

/// An HCL expression. `${` and `%{` begin a template there and are doubled.
fn hcl(data: &Data, depth: usize) -> String {
    let (inner, outer) = ("  ".repeat(depth + 1), "  ".repeat(depth));
    match data {
        Data::Text(text) => quoted(text).replace("${", "$${").replace("%{", "%%{"),
        Data::Flag(flag) => flag.to_string(),
        Data::List(list) => {
            let items: Vec<String> =
                list.iter().map(|item| format!("{inner}{},\n", hcl(item, depth + 1))).collect();
            format!("[\n{}{outer}]", items.concat())
        }
        Data::Map(map) => {
            let entry = |(key, value): &(String, Data)| {
                format!("{inner}{} = {}\n", quoted(key), hcl(value, depth + 1))
            };
            format!("{{\n{}{outer}}}", map.iter().map(entry).collect::<Vec<_>>().concat())
        }
    }
}
