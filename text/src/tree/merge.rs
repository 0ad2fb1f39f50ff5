//! Laying one tree over another.

use super::{Bracket, Group, Kind, Node};

impl Node {
    /// Lays `over` on this: fields and map keys one by one, everything else replaces what was there.
    ///
    /// A map entry `None` takes the entry of the base away. A value with a name, as `Exponential(…)`, replaces
    /// the old one whole: the fields of two laws do not mix.
    pub fn lay(&mut self, over: Node) {
        if !merges(self, &over) {
            *self = over;
            return;
        }
        let (Kind::Group(base), Kind::Group(over)) = (&mut self.kind, over.kind) else {
            return;
        };
        self.place = over.open.clone();
        base.open = over.open;
        base.tail.extend(over.tail);
        for entry in over.entries {
            let Some(key) = &entry.key else { continue };
            let found = base.position(&key.name);
            let removes = base.bracket == Bracket::Curly && matches!(&entry.value.kind, Kind::Word(w) if w == "None");
            match found {
                Some(i) if removes => {
                    base.entries.remove(i);
                }
                Some(i) => {
                    let old = &mut base.entries[i];
                    if !merges(&old.value, &entry.value) {
                        old.before = Vec::new();
                        old.after = Vec::new();
                    }
                    old.value.lay(entry.value);
                    old.before.extend(entry.before);
                    old.after.extend(entry.after);
                    old.key = entry.key;
                }
                None if removes => {}
                None => base.entries.push(entry),
            }
        }
    }
}

fn merges(base: &Node, over: &Node) -> bool {
    let keyed = |g: &Group| {
        g.name.is_none() && g.bracket != Bracket::Square && g.entries.iter().all(|entry| entry.key.is_some())
    };
    match (base.group(), over.group()) {
        (Some(a), Some(b)) => a.bracket == b.bracket && keyed(a) && keyed(b),
        _ => false,
    }
}
