//! What the lines of a table leave open: a circulation with bounds, in which what flows over an edge is a number of the table.

use std::collections::VecDeque;

/// More than any number of a table.
pub(super) const UNBOUNDED: i64 = 1_000_000_000_000_000;

#[derive(Debug, Clone)]
struct Edge {
    from: usize,
    to: usize,
    low: i64,
    high: i64,
    flow: i64,
    suppressed: bool,
}

/// Vertices and edges, and a flow that keeps to the bounds.
#[derive(Debug, Clone)]
pub(super) struct Network {
    at: Vec<Vec<usize>>,
    edges: Vec<Edge>,
}

impl Network {
    pub(super) fn of(nodes: usize) -> Network {
        Network { at: vec![Vec::new(); nodes], edges: Vec::new() }
    }

    pub(super) fn edge(&mut self, from: usize, to: usize, low: i64, high: i64, suppressed: bool) {
        let edge = self.edges.len();
        self.at[from].push(edge);
        self.at[to].push(edge);
        self.edges.push(Edge { from, to, low, high, flow: low, suppressed });
    }

    /// Finds a flow that keeps to the bounds and loses nothing at any vertex. Returns whether there is one.
    pub(super) fn settle(&mut self) -> bool {
        loop {
            let mut excess = vec![0_i64; self.at.len()];
            for edge in &self.edges {
                excess[edge.to] += edge.flow;
                excess[edge.from] -= edge.flow;
            }
            let Some(source) = excess.iter().position(|excess| *excess > 0) else { return true };
            let Some((sink, path)) = self.path(source, &|node| excess[node] < 0, None) else { return false };
            let limit = excess[source].min(-excess[sink]);
            self.push(&path, limit);
        }
    }

    /// The shortest way from `source` to a vertex that is `wanted`, over edges that can still change; `without` one edge.
    /// A step is an edge and whether it is taken forwards.
    fn path(&self, source: usize, wanted: &dyn Fn(usize) -> bool, without: Option<usize>) -> Option<(usize, Vec<(usize, bool)>)> {
        let mut came: Vec<Option<(usize, bool)>> = vec![None; self.at.len()];
        let mut queue = VecDeque::from([source]);
        while let Some(node) = queue.pop_front() {
            if node != source && wanted(node) {
                return Some((node, self.way_back(&came, source, node)));
            }
            for &edge in self.at[node].iter().filter(|edge| Some(**edge) != without) {
                let Edge { from, to, low, high, flow, .. } = self.edges[edge];
                let forwards = from == node;
                let (next, room) = if forwards { (to, high - flow) } else { (from, flow - low) };
                if room > 0 && next != source && came[next].is_none() {
                    came[next] = Some((edge, forwards));
                    queue.push_back(next);
                }
            }
        }
        None
    }

    fn way_back(&self, came: &[Option<(usize, bool)>], source: usize, end: usize) -> Vec<(usize, bool)> {
        let (mut node, mut path) = (end, Vec::new());
        while let Some((edge, forwards)) = came[node].filter(|_| node != source) {
            path.push((edge, forwards));
            node = if forwards { self.edges[edge].from } else { self.edges[edge].to };
        }
        path
    }

    /// Moves at most `limit` along a path, and says how much it was.
    fn push(&mut self, path: &[(usize, bool)], limit: i64) -> i64 {
        let room = |(edge, forwards): &(usize, bool)| {
            let edge = &self.edges[*edge];
            if *forwards { edge.high - edge.flow } else { edge.flow - edge.low }
        };
        let amount = path.iter().map(room).min().unwrap_or(0).min(limit);
        for (edge, forwards) in path {
            self.edges[*edge].flow += if *forwards { amount } else { -amount };
        }
        amount
    }

    /// How far the flow from one vertex to another can grow, up to `limit`, without one edge.
    fn room(&self, source: usize, sink: usize, without: usize, limit: i64) -> i64 {
        let mut tried = self.clone();
        let mut moved = 0;
        while moved < limit {
            let Some((_, path)) = tried.path(source, &|node| node == sink, Some(without)) else { break };
            moved += tried.push(&path, limit - moved);
        }
        moved
    }

    /// The suppressed edges whose least and greatest possible flow lie less than `spread` apart. The flow must be settled.
    pub(super) fn narrow(&self, spread: i64) -> Vec<usize> {
        let is_narrow = |number: &usize| {
            let edge = &self.edges[*number];
            let up = self.room(edge.to, edge.from, *number, spread.min(edge.high - edge.flow));
            up < spread && up + self.room(edge.from, edge.to, *number, (spread - up).min(edge.flow - edge.low)) < spread
        };
        self.suppressed().filter(is_narrow).collect()
    }

    /// The suppressed edges without which two of their vertices would not hang together: read as exact numbers, what flows
    /// over them is determined.
    pub(super) fn bridges(&self) -> Vec<usize> {
        self.suppressed().filter(|edge| !self.hangs_together_without(*edge)).collect()
    }

    fn suppressed(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.edges.len()).filter(|edge| self.edges[*edge].suppressed)
    }

    fn hangs_together_without(&self, without: usize) -> bool {
        let (from, to) = (self.edges[without].from, self.edges[without].to);
        let mut met = vec![false; self.at.len()];
        let mut open = vec![from];
        met[from] = true;
        while let Some(node) = open.pop() {
            for &edge in self.at[node].iter().filter(|edge| **edge != without && self.edges[**edge].suppressed) {
                let next = if self.edges[edge].from == node { self.edges[edge].to } else { self.edges[edge].from };
                if !met[next] {
                    met[next] = true;
                    open.push(next);
                }
            }
        }
        met[to]
    }
}
