use super::*;

const P1: &str = r"^(ls(\s[\s\w\/-]+)?)|((cat |less |tail -f )([\s\w\/-]+\.log))$";
const P2: &str = r"^(sudo yum (update|upgrade))|(sudo yum install [\w\d-]+)|(sudo yum downgrade [\w\d-]+)$";

fn place(before: &str, after: &str) -> Place {
    Place { before: before.into(), after: after.into(), reader: Reader::Shell, judged: false }
}

fn open(place: &Place, pattern: &str) -> Vec<(Hole, Option<String>)> {
    let offer = Language::let_through(&read(pattern).unwrap());
    let found = place.open_holes(&offer).into_iter();
    found.map(|(hole, witness)| (hole, witness.map(|witness| witness.value))).collect()
}

fn scratch(before: &str, pattern: &str, after: &str) {
    println!("{before}{pattern}{after}");
    for (hole, w) in open(&place(before, after), pattern) {
        println!("   {hole:?} {w:?}");
    }
    let tree = read(pattern).unwrap();
    for branch in tree.branches() {
        println!("   beyond {:?}", place(before, after).beyond(&Language::let_through(branch), branch));
    }
}

#[test]
fn scratch_all() {
    scratch("", P1, "");
    scratch("", P2, "");
    scratch("exec prog -- '", ".*", "'");
    scratch("exec prog -- '", "^[A-Za-z0-9 _./:=@%+,-]{1,1000}$", "'");
}
