//! Environment variables a rule may not set or pass on, each with its reason. A name that ends in `*` means
//! every name that begins so.

/// Which of the two keys may not name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ban {
    /// Neither `env` nor `keep_env`.
    Always,
    /// Only `keep_env`: the person could choose the value.
    Kept,
}

const LOADS: &str = "the dynamic loader and the C library load code it names";
const SHELL: &str = "a shell runs or splits by it";
const INTERPRETER: &str = "an interpreter loads code it names";
const STARTS: &str = "programs start what it names";
const SYSTEM: &str = "gatesh sets it itself";
const LIBRARY: &str = "a library loads code or settings it names";
const NAMES: &str = "it changes which host a name leads to";

const BANNED: &[(&str, Ban, &str)] = &[
    ("LD_*", Ban::Always, LOADS),
    ("GLIBC_TUNABLES", Ban::Always, LOADS),
    ("GCONV_PATH", Ban::Always, LOADS),
    ("GETCONF_DIR", Ban::Always, LOADS),
    ("LOCPATH", Ban::Always, LOADS),
    ("NLSPATH", Ban::Always, LOADS),
    ("MALLOC_*", Ban::Always, LOADS),
    ("BASH_*", Ban::Always, SHELL),
    ("BASHOPTS", Ban::Always, SHELL),
    ("SHELLOPTS", Ban::Always, SHELL),
    ("ENV", Ban::Always, SHELL),
    ("IFS", Ban::Always, SHELL),
    ("CDPATH", Ban::Always, SHELL),
    ("GLOBIGNORE", Ban::Always, SHELL),
    ("PS4", Ban::Always, SHELL),
    ("PROMPT_COMMAND", Ban::Always, SHELL),
    ("ZDOTDIR", Ban::Always, SHELL),
    ("PATH", Ban::Always, "gatesh fixes it, in gatesh.toml: [programs] path"),
    ("PYTHON*", Ban::Always, INTERPRETER),
    ("PERL*", Ban::Always, INTERPRETER),
    ("RUBY*", Ban::Always, INTERPRETER),
    ("NODE_*", Ban::Always, INTERPRETER),
    ("LUA_*", Ban::Always, INTERPRETER),
    ("AWKPATH", Ban::Always, INTERPRETER),
    ("AWKLIBPATH", Ban::Always, INTERPRETER),
    ("PHPRC", Ban::Always, INTERPRETER),
    ("PHP_INI_SCAN_DIR", Ban::Always, INTERPRETER),
    ("TCLLIBPATH", Ban::Always, INTERPRETER),
    ("CLASSPATH", Ban::Always, INTERPRETER),
    ("JAVA_TOOL_OPTIONS", Ban::Always, INTERPRETER),
    ("JDK_JAVA_OPTIONS", Ban::Always, INTERPRETER),
    ("_JAVA_OPTIONS", Ban::Always, INTERPRETER),
    ("LESSOPEN", Ban::Always, STARTS),
    ("LESSCLOSE", Ban::Always, STARTS),
    ("LESSEDIT", Ban::Always, STARTS),
    ("LESSKEY*", Ban::Always, STARTS),
    ("LESSSECURE*", Ban::Always, SYSTEM),
    ("SYSTEMD_PAGERSECURE", Ban::Always, SYSTEM),
    ("LESS", Ban::Kept, STARTS),
    ("MORE", Ban::Kept, STARTS),
    ("PAGER", Ban::Kept, STARTS),
    ("*_PAGER", Ban::Kept, STARTS),
    ("MANPAGER", Ban::Kept, STARTS),
    ("EDITOR", Ban::Kept, STARTS),
    ("VISUAL", Ban::Kept, STARTS),
    ("*_EDITOR", Ban::Kept, STARTS),
    ("BROWSER", Ban::Kept, STARTS),
    ("SHELL", Ban::Kept, SYSTEM),
    ("GIT_*", Ban::Kept, STARTS),
    ("SSH_ASKPASS*", Ban::Kept, STARTS),
    ("SUDO_*", Ban::Kept, STARTS),
    ("RSYNC_*", Ban::Kept, STARTS),
    ("TAR_OPTIONS", Ban::Kept, STARTS),
    ("VIMINIT", Ban::Kept, STARTS),
    ("EXINIT", Ban::Kept, STARTS),
    ("MAKEFLAGS", Ban::Kept, STARTS),
    ("HOME", Ban::Kept, SYSTEM),
    ("USER", Ban::Kept, SYSTEM),
    ("LOGNAME", Ban::Kept, SYSTEM),
    ("PWD", Ban::Kept, SYSTEM),
    ("OPENSSL_*", Ban::Kept, LIBRARY),
    ("KRB5*", Ban::Kept, LIBRARY),
    ("TERMINFO*", Ban::Kept, LIBRARY),
    ("TERMCAP", Ban::Kept, LIBRARY),
    ("XDG_*", Ban::Kept, LIBRARY),
    ("TMPDIR", Ban::Kept, LIBRARY),
    ("HOSTALIASES", Ban::Kept, NAMES),
    ("LOCALDOMAIN", Ban::Kept, NAMES),
    ("RES_OPTIONS", Ban::Kept, NAMES),
];

/// Why `env` (or `keep_env`, with `kept`) may not name the variable.
pub(super) fn banned(name: &str, kept: bool) -> Option<&'static str> {
    let matches = |pattern: &str| match (pattern.strip_suffix('*'), pattern.strip_prefix('*')) {
        (Some(start), _) => name.starts_with(start),
        (_, Some(end)) => name.ends_with(end),
        (None, None) => name == pattern,
    };
    let found = BANNED.iter().find(|(pattern, ban, _)| matches(pattern) && (kept || *ban == Ban::Always));
    found.map(|(_, _, reason)| *reason)
}

/// Letters, digits and `_`, not beginning with a digit; at most 64.
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    let first = letters.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    first && name.len() <= 64 && letters.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
