//! Many names of one directory held against a glob: the directory is walked through it once, and each name then asks
//! only what is left.

use super::{Component, Glob, Shape, next_name, normal};

/// What of some globs is left inside a directory.
#[derive(Debug, Default)]
pub(in crate::policy) struct Inside<'g> {
    /// A name one of them takes matches.
    last: Vec<&'g Component>,
    /// A name one of them takes, or something beneath it, could match.
    next: Vec<&'g Component>,
}

impl<'g> Inside<'g> {
    /// Of `globs` in `directory`, which is absolute and normal.
    pub(in crate::policy) fn of(globs: &'g [Glob], directory: &[u8]) -> Self {
        let mut inside = Self::default();
        for glob in globs {
            let Shape::Path(components) = &glob.shape else { continue };
            for at in places(components, directory) {
                let Some(component) = components.get(at) else { continue };
                inside.next.push(component);
                let behind = components.get(at.saturating_add(1)..).unwrap_or_default();
                if behind.iter().all(|left| *left == Component::AnyDepth) {
                    inside.last.push(component);
                }
            }
        }
        inside
    }

    /// Whether the name matches.
    pub(in crate::policy) fn takes(&self, name: &[u8]) -> bool {
        self.last.iter().any(|component| component.takes(name))
    }

    /// Whether the name, or anything beneath it, could match.
    pub(in crate::policy) fn leads_through(&self, name: &[u8]) -> bool {
        self.next.iter().any(|component| component.takes(name))
    }
}

/// Which components may take the first name beneath `directory`.
fn places(components: &[Component], directory: &[u8]) -> Vec<usize> {
    let Some(mut left) = normal(directory) else { return Vec::new() };
    let mut places = past_stars(components, vec![0]);
    while let Some((name, rest)) = next_name(left) {
        let mut reached = Vec::new();
        for at in places {
            match components.get(at) {
                Some(Component::AnyDepth) => reached.push(at),
                Some(component) if component.takes(name) => reached.push(at.saturating_add(1)),
                Some(_) | None => {}
            }
        }
        places = past_stars(components, reached);
        left = rest;
    }
    places
}

/// With the places behind each `**`, which also matches nothing.
fn past_stars(components: &[Component], mut places: Vec<usize>) -> Vec<usize> {
    let mut nth = 0;
    while let Some(&at) = places.get(nth) {
        if components.get(at) == Some(&Component::AnyDepth) {
            places.push(at.saturating_add(1));
        }
        nth = nth.saturating_add(1);
    }
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of a directory are judged as their whole paths are.
    #[test]
    fn inside_a_directory_a_glob_takes_what_it_takes_of_whole_paths() {
        let globs = ["/a/**", "/a/*/c.log", "/**/c", "/a/b", "/a/**/x/*.log", "/", "/a/b*/**/z"];
        let directories = ["/", "/a", "/a/b", "/a/x", "/a/b/x", "/z"];
        let names = ["a", "b", "c", "x", "z", "c.log", "b1", ".hidden"];
        for text in globs {
            let glob = [Glob::path(text, None).unwrap()];
            for directory in directories {
                let inside = Inside::of(&glob, directory.as_bytes());
                for name in names {
                    let path = format!("{}/{name}", directory.trim_end_matches('/'));
                    let whole = &glob[0];
                    assert_eq!(
                        inside.takes(name.as_bytes()),
                        whole.matches(path.as_bytes()),
                        "{text} {path}"
                    );
                    let leads = whole.reaches_beneath(path.as_bytes());
                    assert_eq!(inside.leads_through(name.as_bytes()), leads, "{text} {path}");
                }
            }
        }
    }
}
