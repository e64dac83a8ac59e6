# An AMI with gatesh, for Packer 1.7 or later:
#
#   packer init gatesh.pkr.hcl
#   packer build -var package=gatesh-VERSION-1.x86_64.rpm -var policy=policy.tar.gz -var policy_sha256=... gatesh.pkr.hcl
#
# policy is a .tar.gz of gatesh.toml, groups.d and sets.d. Its syntax is parsed in the project's tests; it was not
# run in an AWS account while it was written.

packer {
  required_version = ">= 1.7.0"
  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.2.0"
    }
  }
}

variable "region" {
  type    = string
  default = "us-east-1"
}

variable "arch" {
  type        = string
  default     = "x86_64"
  description = "x86_64 or arm64"
}

variable "package" {
  type        = string
  description = "Path of the .rpm for this architecture"
}

variable "policy" {
  type        = string
  description = "Path of the policy bundle"
}

variable "policy_sha256" {
  type        = string
  description = "Digest of the policy bundle"
}

variable "session_users" {
  type        = list(string)
  default     = ["gatesh-log-readers:log-readers"]
  description = "Session accounts, NAME:GROUP[,GROUP...]: what a Session document has as runAsDefaultUser"
}

variable "instance_profile" {
  type        = string
  default     = ""
  description = "Instance profile for the build, so that Packer comes in through Session Manager"
}

locals {
  stamp = formatdate("YYYYMMDDhhmmss", timestamp())
  users = join(" ", [for user in var.session_users : "--user ${user}"])
}

source "amazon-ebs" "al2023" {
  region               = var.region
  instance_type        = var.arch == "arm64" ? "t4g.small" : "t3.small"
  ssh_username         = "ec2-user"
  ssh_interface        = var.instance_profile == "" ? "public_ip" : "session_manager"
  iam_instance_profile = var.instance_profile
  ami_name             = "gatesh-al2023-${var.arch}-${local.stamp}"
  ami_description      = "Amazon Linux 2023 with gatesh"
  encrypt_boot         = true

  source_ami_filter {
    owners      = ["amazon"]
    most_recent = true
    filters = {
      name                = "al2023-ami-2023.*-${var.arch}"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  imds_support = "v2.0"

  tags = {
    Name   = "gatesh-al2023-${var.arch}"
    gatesh = "true"
  }
}

build {
  sources = ["source.amazon-ebs.al2023"]

  provisioner "file" {
    source      = var.package
    destination = "/tmp/gatesh.rpm"
  }

  provisioner "file" {
    source      = var.policy
    destination = "/tmp/policy.tar.gz"
  }

  provisioner "shell" {
    # The agent serves no session before the accounts are there: it would make ssm-user with sudo for everything.
    # Packer itself may have come in through the agent, so it is not stopped; AWS-StartSSHSession makes no account.
    inline = [
      "set -eu",
      "sudo dnf install -y /tmp/gatesh.rpm rsyslog amazon-cloudwatch-agent",
      "sudo /usr/libexec/gatesh/provision ${local.users} --records",
      "sudo /usr/libexec/gatesh/deploy-policy --source file:///tmp/policy.tar.gz --sha256 ${var.policy_sha256}",
      "sudo gateshctl check",
      "sudo gateshctl test",
      "sudo gateshctl doctor",
      "sudo rm -f /tmp/gatesh.rpm /tmp/policy.tar.gz",
    ]
  }
}
