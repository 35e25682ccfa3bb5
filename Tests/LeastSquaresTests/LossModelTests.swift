import LeastSquares
import SparseCore
import TestSupport
import Testing

/// What a second-order model says of exchanges, against fits of every support that they lead to.
@Suite struct LossModelTests {
  private static let (rows, columns) = (30, 9)

  private func problem(
    _ loss: any Loss, ridge: Double, planes: Int = 1, isNonnegative: Bool = false
  ) throws -> RecoveryProblem {
    var generator = SeededGenerator(seed: 6)
    let matrix = try Matrix(
      rows: Self.rows, columns: Self.columns,
      columnMajor: (0..<Self.rows * Self.columns).map { _ in 1 + generator.normal() })
    let observations = (0..<planes).map { l in
      (0..<Self.rows).map { i in
        Double(2 - l) * matrix[i, 1] - matrix[i, 6] + matrix[i, 4 + l] + generator.normal()
      }
    }
    var model = RecoveryModel()
    model.hasIntercept = true
    model.included = isNonnegative ? [] : [3]
    model.isNonnegative = isNonnegative
    model.excluded = [8]
    model.weights = (0..<Self.rows).map { Double($0 % 3) }
    model.ridge = ridge
    return try RecoveryProblem(
      matrix: .double(matrix), observation: observations[0], model: model, loss: loss
    ).observing(jointly: observations)
  }

  private func loss(_ support: [Int], _ minimizer: inout LossMinimizer) throws -> Double {
    let norm = try minimizer.minimize(onto: support).projection.residualNorm
    return norm * norm / 2
  }

  /// Of least squares the model is exact: each move is the best exchange for what enters, and each exit costs what the
  /// fit without the atom does; of several observations in all of them.
  @Test(arguments: [0, 0.8], 1...3) func isExactOfSquares(ridge: Double, planes: Int) throws {
    let problem = try problem(OtherSquaredLoss(), ridge: ridge, planes: planes)
    var minimizer = LossMinimizer(problem)
    let support = [0, 1, 4, 7]
    let entering = problem.atoms.usable.filter { !support.contains($0) }
    #expect(entering == [2, 5, 6])
    let model = try #require(try minimizer.model(onto: support))
    let own = try loss(support, &minimizer)
    for (place, cost) in model.exitCosts.enumerated() {
      var fewer = support
      fewer.remove(at: place)
      #expect(abs(try loss(fewer, &minimizer) - own - cost) < 1e-10 * own)
    }
    let moves = try model.moves(10, entering: entering)
    #expect(moves.count == 3 && zip(moves, moves.dropFirst()).allSatisfy { $0.change <= $1.change })
    for move in moves {
      var changes: [Double] = []
      for place in support.indices {
        var other = support
        other[place] = entering[move.entry]
        changes.append(try loss(other, &minimizer) - own)
      }
      #expect(abs(move.change - changes[move.place]) < 1e-10 * own)
      #expect(move.change <= (changes.min() ?? 0) + 1e-10 * own)
    }
    #expect(try model.moves(2, entering: entering).map(\.entry) == moves.prefix(2).map(\.entry))
    // The same from the models without each atom of the support.
    for (place, atom) in support.enumerated() {
      let fewer = support.filter { $0 != atom }
      let rest = try #require(try minimizer.model(onto: fewer))
      let cost = rest.loss - model.loss
      #expect(abs(cost - model.exitCosts[place]) < 1e-10 * own)
      let moves = try rest.moves(10, entering: entering, inPlaceOf: place, costing: cost)
      #expect(moves.count == 3)
      for move in moves {
        var other = support
        other[move.place] = entering[move.entry]
        #expect(abs(try loss(other, &minimizer) - own - move.change) < 1e-10 * own)
      }
    }
  }

  /// With signs a move is what least squares make of the atoms above zero, with what enters in the place of what leaves,
  /// where its own coefficient is above zero; and an atom that would have none at any place does not enter.
  @Test(arguments: [0, 0.8], 1...6) func movesKeepSigns(ridge: Double, first: Int) throws {
    let problem = try problem(OtherSquaredLoss(), ridge: ridge, isNonnegative: true)
    var minimizer = LossMinimizer(problem)
    let support = [0, first, 7]
    let entering = problem.atoms.usable.filter { !support.contains($0) }
    let projection = try minimizer.minimize(onto: support).projection
    let own = projection.residualNorm * projection.residualNorm / 2
    let passive = zip(support, projection.coefficients).filter { $1 > 0 }.map(\.0)
    var free = problem.model
    free.isNonnegative = false
    let unsigned = try RecoveryProblem(
      problem.atoms.operator, observation: problem.observation, model: free,
      loss: OtherSquaredLoss())
    var other = LossMinimizer(unsigned)
    /// The change of the loss with an atom in the place of another, where its coefficient is above zero.
    func change(_ atom: Int, for leaving: Int) throws -> Double? {
      let atoms = passive.filter { $0 != leaving } + [atom]
      let fit = try other.minimize(onto: atoms).projection
      guard let c = fit.coefficients.last, c > 0 else { return nil }
      return fit.residualNorm * fit.residualNorm / 2 - own
    }
    let model = try #require(try minimizer.model(onto: support))
    let moves = try model.moves(10, entering: entering)
    for (entry, atom) in entering.enumerated() {
      let changes = try support.map { try change(atom, for: $0) }
      guard let move = moves.first(where: { $0.entry == entry }) else {
        #expect(changes.allSatisfy { $0 == nil })
        continue
      }
      let expected = try #require(changes[move.place])
      #expect(abs(move.change - expected) < 1e-10 * own)
      #expect(changes.allSatisfy { move.change <= ($0 ?? .infinity) + 1e-10 * own })
    }
  }

  /// Dependent atoms have no model, and an atom in the span of the support does not enter.
  @Test func dependentAtoms() throws {
    let column = (0..<12).map { Double($0 * $0 % 7) }
    let other = (0..<12).map { Double($0 % 5) }
    let problem = try RecoveryProblem(
      matrix: .double(
        Matrix(rows: 12, columns: 3, columnMajor: column + other + column.map { -2 * $0 })),
      observation: column.map { $0 > 2 ? 1 : 0 }, loss: BoundedLogisticLoss())
    var minimizer = LossMinimizer(problem)
    #expect(try minimizer.model(onto: [0, 2]).map { _ in 0 } == nil)
    let model = try #require(try minimizer.model(onto: [0]))
    #expect(try model.moves(5, entering: [1, 2]).map(\.entry) == [0])
  }
}
