//! Which children may follow each other.

use super::{ElementId, Particle, Schema, Term, Wildcard};
use crate::Name;

/// More positions than this are refused (repeated particles are written out).
const MOST: usize = 20_000;

/// Names shown at most where something else was expected.
const SHOWN: usize = 10;

/// An automaton of positions: each stands for one leaf of the content, written out.
#[derive(Debug)]
pub(super) struct Model {
    leaves: Vec<Leaf>,
    first: Vec<usize>,
    follow: Vec<Vec<usize>>,
    ends: Vec<bool>,
    empty: bool,
    /// `xs:all`: leaves in any order; the flag: it must be there.
    all: Option<Vec<bool>>,
}

#[derive(Debug, Clone)]
pub(super) enum Leaf {
    Element(ElementId),
    Any(Wildcard),
}

/// Where the children seen so far have led.
#[derive(Debug, Default)]
pub(super) struct State {
    at: Option<Vec<usize>>,
    seen: Vec<usize>,
}

struct Piece {
    first: Vec<usize>,
    last: Vec<usize>,
    empty: bool,
}

impl Piece {
    fn nothing() -> Piece {
        Piece { first: Vec::new(), last: Vec::new(), empty: true }
    }
}

#[derive(Default)]
struct Builder {
    leaves: Vec<Leaf>,
    follow: Vec<Vec<usize>>,
}

impl Builder {
    fn leaf(&mut self, leaf: Leaf) -> Piece {
        let at = self.leaves.len();
        self.leaves.push(leaf);
        self.follow.push(Vec::new());
        Piece { first: vec![at], last: vec![at], empty: false }
    }

    fn link(&mut self, from: &[usize], to: &[usize]) {
        for &a in from {
            for &b in to {
                if !self.follow[a].contains(&b) {
                    self.follow[a].push(b);
                }
            }
        }
    }

    fn behind(&mut self, one: Piece, two: Piece) -> Piece {
        self.link(&one.last, &two.first);
        let mut first = one.first;
        if one.empty {
            first.extend(&two.first);
        }
        let mut last = two.last;
        if two.empty {
            last.extend(&one.last);
        }
        Piece { first, last, empty: one.empty && two.empty }
    }

    fn term(&mut self, term: &Term) -> Piece {
        match term {
            Term::Element(id) => self.leaf(Leaf::Element(*id)),
            Term::Any(wildcard) => self.leaf(Leaf::Any(wildcard.clone())),
            Term::Sequence(list) | Term::All(list) => {
                let mut piece = Piece::nothing();
                for particle in list {
                    let next = self.particle(particle);
                    piece = self.behind(piece, next);
                }
                piece
            }
            Term::Choice(list) => {
                let mut piece = Piece { empty: list.is_empty(), ..Piece::nothing() };
                for particle in list {
                    let next = self.particle(particle);
                    piece.first.extend(next.first);
                    piece.last.extend(next.last);
                    piece.empty |= next.empty;
                }
                piece
            }
        }
    }

    fn particle(&mut self, particle: &Particle) -> Piece {
        let mut piece = Piece::nothing();
        let Some(max) = particle.max else {
            for _ in 1..particle.min {
                let next = self.term(&particle.term);
                piece = self.behind(piece, next);
            }
            let mut many = self.term(&particle.term);
            self.link(&many.last.clone(), &many.first.clone());
            many.empty |= particle.min == 0;
            return self.behind(piece, many);
        };
        for n in 0..max {
            let mut next = self.term(&particle.term);
            next.empty |= n >= particle.min;
            piece = self.behind(piece, next);
            if self.leaves.len() > MOST {
                break;
            }
        }
        piece
    }
}

/// How many leaves the particle has when written out.
pub(super) fn is_too_large(particle: &Particle) -> bool {
    fn size(p: &Particle) -> usize {
        let term = match &p.term {
            Term::Element(_) | Term::Any(_) => 1,
            Term::Sequence(list) | Term::Choice(list) | Term::All(list) => {
                list.iter().map(size).fold(0, usize::saturating_add)
            }
        };
        term.saturating_mul(p.max.unwrap_or(p.min).max(1) as usize)
    }
    size(particle) > MOST
}

impl Model {
    pub(super) fn new(particle: &Particle) -> Model {
        let mut builder = Builder::default();
        let piece = builder.particle(particle);
        let mut ends = vec![false; builder.leaves.len()];
        for &at in &piece.last {
            ends[at] = true;
        }
        let all = match &particle.term {
            Term::All(list) => Some(list.iter().map(|p| p.min > 0).collect()),
            _ => None,
        };
        Model {
            leaves: builder.leaves,
            first: piece.first,
            follow: builder.follow,
            ends,
            empty: piece.empty,
            all,
        }
    }

    /// Takes a child; the leaf it matches, or None if it may not stand here.
    pub(super) fn take(
        &self,
        schema: &Schema,
        state: &mut State,
        ns: Option<&Name>,
        local: &[u8],
    ) -> Option<Leaf> {
        if self.all.is_some() {
            let at = (0..self.leaves.len()).find(|&at| {
                !state.seen.contains(&at) && self.leaves[at].matches(schema, ns, local).is_some()
            })?;
            state.seen.push(at);
            return self.leaves[at].matches(schema, ns, local);
        }
        let fits = |at: &usize| self.leaves[*at].matches(schema, ns, local).is_some();
        let next: Vec<usize> = self.next(state).into_iter().filter(fits).collect();
        let leaf = self.leaves[*next.first()?].matches(schema, ns, local);
        state.at = Some(next);
        leaf
    }

    fn next(&self, state: &State) -> Vec<usize> {
        let Some(at) = &state.at else { return self.first.clone() };
        let mut all = Vec::new();
        for &from in at {
            for &to in &self.follow[from] {
                if !all.contains(&to) {
                    all.push(to);
                }
            }
        }
        all
    }

    /// May the content end here?
    pub(super) fn may_end(&self, state: &State) -> bool {
        match (&self.all, &state.at) {
            (Some(required), _) => {
                (state.seen.is_empty() && self.empty)
                    || (0..required.len()).all(|at| !required[at] || state.seen.contains(&at))
            }
            (None, None) => self.empty,
            (None, Some(at)) => at.iter().any(|&a| self.ends[a]),
        }
    }

    /// What could have come, as messages tell it.
    pub(super) fn expected(&self, schema: &Schema, state: &State) -> String {
        let next = match &self.all {
            Some(_) if self.may_end(state) => Vec::new(),
            Some(_) => (0..self.leaves.len()).filter(|at| !state.seen.contains(at)).collect(),
            None => self.next(state),
        };
        let mut names: Vec<String> = Vec::new();
        for at in next {
            for name in self.leaves[at].shown(schema) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        names.truncate(SHOWN);
        match &names[..] {
            [] => String::new(),
            [one] => format!(" Expected is ( {one} )."),
            many => format!(" Expected is one of ( {} ).", many.join(", ")),
        }
    }
}

impl Leaf {
    /// The leaf for such an element, which may be a substitute.
    fn matches(&self, schema: &Schema, ns: Option<&Name>, local: &[u8]) -> Option<Leaf> {
        let is = |id: ElementId| {
            let name = &schema.elements[id].name;
            *name.local == *local && name.ns.as_ref() == ns
        };
        match self {
            Leaf::Any(wildcard) => {
                wildcard.allows(ns.map(|n| &**n)).then(|| Leaf::Any(wildcard.clone()))
            }
            Leaf::Element(id) if is(*id) => Some(Leaf::Element(*id)),
            Leaf::Element(id) => {
                schema.substitutes_of(*id).into_iter().find(|&s| is(s)).map(Leaf::Element)
            }
        }
    }

    fn shown(&self, schema: &Schema) -> Vec<String> {
        match self {
            Leaf::Element(id) => std::iter::once(*id)
                .chain(schema.substitutes_of(*id))
                .map(|id| &schema.elements[id])
                .filter(|e| !e.is_abstract)
                .map(|e| e.name.shown())
                .collect(),
            Leaf::Any(wildcard) => wildcard.shown(),
        }
    }
}

impl Wildcard {
    fn shown(&self) -> Vec<String> {
        let text = |n: &Option<Name>| n.as_ref().map(|n| String::from_utf8_lossy(n).into_owned());
        match &self.allowed {
            super::Namespaces::Any => vec!["{*}*".to_owned(), "*".to_owned()],
            super::Namespaces::Other(own) => {
                vec![format!("##other{{{}}}*", text(own).unwrap_or_default())]
            }
            super::Namespaces::Listed(list) => list
                .iter()
                .map(|n| text(n).map_or_else(|| "*".to_owned(), |n| format!("{{{n}}}*")))
                .collect(),
        }
    }
}

impl Schema {
    /// The elements that may stand for this one, and for those.
    fn substitutes_of(&self, id: ElementId) -> Vec<ElementId> {
        let mut found = Vec::new();
        let mut heads = vec![id];
        while let Some(head) = heads.pop() {
            for &member in self.substitutes.get(&self.elements[head].name).into_iter().flatten() {
                if !found.contains(&member) && member != id {
                    found.push(member);
                    heads.push(member);
                }
            }
        }
        found
    }
}
