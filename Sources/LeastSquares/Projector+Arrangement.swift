package import SparseCore

extension Projector {
  /// Which atoms are gathered where, with their Gram matrix: its bits depend on the company in which
  /// atoms arrived, so that computing it anew would not give the same ones.
  package struct Arrangement: Sendable, Equatable {
    /// The atom of every slot in use.
    package let atoms: [Int]
    /// The lower triangle of their Gram matrix, column after column: |atoms| · (|atoms| + 1) / 2.
    package let gram: [Double]

    package init(atoms: [Int], gram: [Double]) {
      self.atoms = atoms
      self.gram = gram
    }
  }

  /// The arrangement at this moment: 4 · |W|² bytes for the |W| slots in use.
  package var arrangement: Arrangement { slots.arrangement }

  /// A projector that goes on, bit by bit, where another one was: m · |W| numbers are gathered.
  ///
  /// - Parameter arrangement: of at most `capacity` distinct atoms.
  package init(
    _ problem: RecoveryProblem, capacity: Int, arrangement: Arrangement
  ) throws(RecoveryError) {
    self.init(problem, capacity: capacity)
    try slots.restore(arrangement)
  }
}

extension AtomSlots {
  /// What the slots in use hold.
  var arrangement: Projector.Arrangement {
    let atoms = (0..<occupied).map { atom(inSlot: $0) }
    let triangle = (0..<occupied).flatMap { j in
      self.gram[j + j * capacity..<occupied + j * capacity]
    }
    return Projector.Arrangement(atoms: atoms, gram: triangle)
  }

  /// Fills slots that are all free.
  mutating func restore(_ arrangement: Projector.Arrangement) throws(RecoveryError) {
    var next = arrangement.gram.makeIterator()
    for (slot, atom) in arrangement.atoms.enumerated() {
      occupy(slot, with: atom)
      try gather(atom, slot: slot, arrival: 0)
      for other in slot..<arrangement.atoms.count {
        if let product = next.next() { setGram(slot, other, product) }
      }
    }
  }
}
