import LeastSquares
import SparseCore
import TestSupport
import Testing

/// The Gram matrix swept on a support, against projections onto every support that it speaks of.
@Suite struct SweptGramTests {
  /// A problem with what may be fitted beside.
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var model = RecoveryModel()
    var rows = 30
    var columns = 43
    var normalize = true
    /// How many observations share a support.
    var observations = 1
  }

  static let cases: [Case] = {
    var ridge = Case(testDescription: "ridge")
    ridge.model.ridge = 0.3
    var regression = Case(testDescription: "intercept, weights, in and out", rows: 41)
    regression.model.hasIntercept = true
    regression.model.weights = (0..<41).map { Double($0 % 5) / 3 }
    regression.model.included = [2]
    regression.model.excluded = [11, 30]
    let sizes = [
      Case(testDescription: "plain"), Case(testDescription: "n = 7", rows: 9, columns: 7),
      Case(testDescription: "tall", rows: 200, columns: 16),
      Case(testDescription: "as given", normalize: false),
    ]
    let joint = Case(testDescription: "three observations", observations: 3)
    var jointRidge = Case(testDescription: "four observations, ridge", observations: 4)
    jointRidge.model.ridge = 0.3
    return sizes + [ridge, regression, joint, jointRidge]
  }()

  private func draw(_ test: Case, seed: UInt64) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: seed)
    let matrix = try Matrix<Double>(rows: test.rows, columns: test.columns) { target in
      for i in target.indices { target.initializeElement(at: i, to: generator.normal()) }
    }
    let observations = (0..<test.observations).map { _ in
      (0..<test.rows).map { _ in generator.normal() }
    }
    return try RecoveryProblem(
      matrix: .double(matrix), observation: observations[0], normalize: test.normalize,
      model: test.model
    ).observing(jointly: observations)
  }

  private func loss(_ problem: RecoveryProblem, _ support: [Int]) throws -> Double {
    let norm = try problem.projection(onto: support.sorted()).residualNorm
    return norm * norm
  }

  /// Every move of a walk of random moves leads to the loss that was announced, and the best move is the
  /// best of all.
  @Test(arguments: cases, 1...3) func movesAreExact(_ test: Case, seed: UInt64) throws {
    let problem = try draw(test, seed: seed)
    let atoms = try HostAtoms(problem)
    let set = try SwapSet(atoms, observation: problem.scaledPlanes)
    let k = min(5, atoms.count - 2)
    let swept = try SweptGram(set, support: Array(0..<k))
    var generator = SeededGenerator(seed: seed)
    let size = problem.scaledPlanes.squaredNorm
    for _ in 0..<40 {
      let support = swept.support.map { atoms.columns[$0] }
      #expect(abs(swept.loss - (try loss(problem, support))) < 1e-11 * size)
      let outside = (0..<atoms.count).filter { !swept.support.contains($0) }
      var least = Double.infinity
      for place in 0..<k {
        for j in outside {
          var next = support
          next[place] = atoms.columns[j]
          let expected = try loss(problem, next)
          let move = try #require(swept.move(to: place, j))
          #expect(abs(move.loss - expected) < 1e-10 * size)
          least = min(least, expected)
        }
      }
      let best = try #require(
        swept.bestMove(banned: [], isHeld: { _ in false }, aspiration: 0))
      #expect(abs(best.loss - least) < 1e-10 * size)
      let place = generator.int(below: k)
      let j = outside[generator.int(below: outside.count)]
      swept.make(try #require(swept.move(to: place, j)))
    }
  }

  /// What is banned or held moves only where that leads below the aspiration.
  @Test(arguments: 1...5) func tabuMovesNeedAspiration(seed: UInt64) throws {
    let problem = try draw(Case(testDescription: ""), seed: seed)
    let set = try SwapSet(HostAtoms(problem), observation: problem.scaledObservation)
    let swept = try SweptGram(set, support: [0, 1, 2, 3])
    func best(_ banned: [Int], held: Int? = nil, _ aspiration: Double) -> SweptGram.Move? {
      swept.bestMove(banned: banned, isHeld: { $0 == held }, aspiration: aspiration)
    }
    let free = try #require(best([], 0))
    let banned = try #require(best([free.atom], 0))
    #expect(banned.atom != free.atom && banned.loss >= free.loss)
    let held = try #require(best([], held: free.place, 0))
    #expect(held.place != free.place && held.loss >= free.loss)
    for aspiration in [free.loss * 1.001, .infinity] {
      for move in [best([free.atom], aspiration), best([], held: free.place, aspiration)] {
        #expect(move?.atom == free.atom && move?.place == free.place)
      }
    }
    let others = Array(4..<43)
    #expect(best(others, 0) == nil)
    #expect(best(others, .infinity)?.atom == free.atom)
    // The best of each place, with the coefficient that comes positive.
    let moves = swept.bestMoves(4, positive: false)
    #expect(moves.first?.atom == free.atom && Set(moves.map(\.place)).count == 4)
    for move in swept.bestMoves(4, positive: true) {
      var support = swept.support
      support[move.place] = move.atom
      let order = support.sorted()
      let x = try problem.projection(onto: order).coefficients
      #expect(try #require(order.firstIndex(of: move.atom).map { x[$0] }) > 0)
    }
  }

  /// With signs an atom gains for the observations alone that want it with a positive coefficient beside the others, and
  /// the move of a place is the best of all.
  @Test(arguments: 1...3, [1, 4]) func signedMoves(seed: UInt64, observations: Int) throws {
    let problem = try draw(Case(testDescription: "", observations: observations), seed: seed)
    let set = try SwapSet(HostAtoms(problem), observation: problem.scaledPlanes)
    let swept = try SweptGram(set, support: [0, 1, 2, 3])
    func losses(_ support: [Int]) throws -> [(loss: Double, coefficients: [Double])] {
      try problem.observations.map { y in
        let one = try problem.observing(y)
        let projection = try one.projection(onto: support)
        let norm = projection.residualNorm * one.observationScale / problem.observationScale
        return (norm * norm, projection.coefficients)
      }
    }
    let moves = swept.bestMoves(4, positive: true)
    #expect(moves.count == 4)
    for move in moves {
      let rest = swept.support.filter { $0 != swept.support[move.place] }
      let without = try losses(rest)
      let expected = try (4..<43).map { j in
        zip(try losses(rest + [j]), without).reduce(0) {
          $0 + (($1.0.coefficients.last ?? 0) > 0 ? $1.0.loss : $1.1.loss)
        }
      }
      let size = problem.scaledPlanes.squaredNorm
      #expect(abs(move.loss - expected[move.atom - 4]) < 1e-10 * size)
      #expect(abs(move.loss - (expected.min() ?? 0)) < 1e-10 * size)
    }
  }

  /// Copies of an atom, and supports of dependent atoms, are left behind.
  @Test func dependentAtoms() throws {
    var generator = SeededGenerator(seed: 4)
    var columns = (0..<12).map { _ in (0..<8).map { _ in generator.normal() } }
    columns[5] = columns[3]
    columns[7] = zip(columns[1], columns[2]).map { $0 - 2 * $1 }
    let problem = try RecoveryProblem(
      matrix: .double(
        try Matrix(rows: 8, columns: 12, columnMajor: columns.flatMap(\.self))),
      observation: (0..<8).map { _ in generator.normal() })
    let set = try SwapSet(HostAtoms(problem), observation: problem.scaledObservation)
    let swept = try SweptGram(set, support: [1, 2, 3])
    #expect(swept.move(to: 0, 5) == nil)
    #expect(swept.move(to: 2, 5) != nil)
    #expect(swept.move(to: 2, 7) == nil)
    let stuck = try SweptGram(set, support: [1, 2, 7])
    #expect(stuck.loss.isFinite)
    stuck.make(try #require(stuck.bestMove(banned: [], isHeld: { _ in false }, aspiration: 0)))
    try stuck.measure()
    let found = stuck.loss
    #expect(abs(found - (try loss(problem, stuck.support))) < 1e-6)
  }

  /// The loss after the best exchange for every atom, from correlations alone.
  @Test(arguments: cases, 1...2) func scansAgree(_ test: Case, seed: UInt64) throws {
    let problem = try draw(test, seed: seed)
    let atoms = try HostAtoms(problem)
    let y = problem.scaledPlanes
    let support = [0, 2, 4]
    let scan = try EntryScan(atoms.restricted(to: support), observation: y)
    let swept = try SweptGram(SwapSet(atoms, observation: y), support: support)
    let losses = try scan.losses(of: atoms)
    for j in 0..<atoms.count where !support.contains(j) {
      let expected = (0..<3).compactMap { swept.move(to: $0, j)?.loss }.min()
      #expect(abs(losses[j] - (expected ?? .infinity)) < 1e-10 * y.squaredNorm)
      // ‖P^⊥a_j‖² from the whitened support.
      let atom = entries(atoms, j)
      var distance = atom.squaredNorm
      let whitened = scan.whitened()
      for w in try whitened.vectors(0..<whitened.count) {
        let product = zip(w, atom).reduce(0) { $0 + $1.0 * $1.1 }
        distance -= product * product
      }
      guard problem.model.ridge == 0 else { continue }
      var basis = OrthonormalBasis(rows: problem.rows)
      for i in support {
        let direction = try basis.direction(ofAtom: atoms.columns[i], of: problem.atoms)
        basis.append(try #require(direction))
      }
      let length = basis.complement(of: atom, cancellation: 1)?.length ?? 0
      #expect(abs(distance - length * length) < 1e-12 * atom.squaredNorm)
    }
  }

  private func entries(_ atoms: HostAtoms, _ j: Int) -> [Double] {
    Array(atoms.entries[j * atoms.rows..<(j + 1) * atoms.rows])
  }
}
