import SparseCore

/// How far atoms are from the span of others, as far as products in the engine's precision tell.
struct AtomDistances {
  /// ‖a_j‖² of every atom.
  let squares: [Double]
  /// The smallest ‖P^⊥a_j‖² to be believed; infinite for columns that may not be selected.
  let floors: [Double]

  /// Reads A once where its columns are not normalised.
  init(_ atoms: Atoms, _ engine: any Engine) throws(RecoveryError) {
    // What is not zero has unit norm, unless no factor differs from that of columns as they are.
    let isNormalized = atoms.scale.contains { $0 != 0 && $0 != atoms.unit }
    let squares = try (0..<atoms.columns).map { (j) throws(RecoveryError) in
      isNormalized ? (atoms.isUsable(j) ? 1 : 0) : try atoms.atom(j).squaredNorm
    }
    // An inner product of unit vectors is off by about √m u where roundings are independent (Higham
    // and Mary 2019), and what is left of ‖a_j‖² after some squares by a few times that. An atom
    // mistaken for independent correlates with a residual by as little, and gains next to nothing.
    let roundoff = engine.precision == .single ? 0x1p-24 : 0x1p-53
    let error = atoms.correlationError(
      sumRoundoff: (Double(atoms.rows).squareRoot() + 8) * roundoff,
      storageRoundoff: engine.storageRoundoff)
    let floor = 16 * error / atoms.largestNorm
    self.squares = squares
    floors = squares.indices.map { atoms.isUsable($0) ? floor * squares[$0] : .infinity }
  }

  private init(squares: [Double], floors: [Double]) {
    self.squares = squares
    self.floors = floors
  }

  /// The same for some of the atoms, which are then counted from zero.
  func restricted(to atoms: [Int]) -> AtomDistances {
    AtomDistances(squares: atoms.map { squares[$0] }, floors: atoms.map { floors[$0] })
  }

  /// The atom whose entry lowers ‖r‖² most: argmax (a_jᵀ r)² / ‖P^⊥a_j‖², ties to the lowest index;
  /// nil when no entry lowers it. O(n).
  ///
  /// - Parameters:
  ///   - products: (a_jᵀ r)² of every atom, added up over the observations.
  ///   - distances: ‖P^⊥a_j‖² of every atom.
  func bestEntry(
    _ products: [Double], _ distances: [Double], besides support: [Int]
  ) -> Int? {
    var floors = floors
    for j in support { floors[j] = .infinity }
    var best: Int?
    var largest = 0.0
    for j in distances.indices where distances[j] > floors[j] {
      let decrease = products[j] / distances[j]
      if decrease > largest, decrease.selectionKey > largest.selectionKey {
        (best, largest) = (j, decrease)
      }
    }
    return best
  }
}

/// Σ_l z_jl² of every row of numbers, plane after plane.
func rowSquares(_ z: [[Double]]) -> [Double] {
  var squares = z[0].map { $0 * $0 }
  for z in z.dropFirst() { for j in squares.indices { squares[j] += z[j] * z[j] } }
  return squares
}

/// Correlations with all atoms, wanted on the host.
struct HostProducts {
  private let workspace: Workspace
  private var inputs: [EngineVector] = []
  private var outputs: [EngineVector] = []

  init(_ workspace: Workspace) { self.workspace = workspace }

  /// D Aᵀ v for several v of length m, in their order.
  ///
  /// One pass over A for each ``Engine/residualsInPass`` of them, and b · n bytes from the engine for
  /// each.
  mutating func correlations(of vectors: [[Double]]) throws(RecoveryError) -> [[Double]] {
    let engine = workspace.engine
    var correlations: [[Double]] = []
    for first in stride(from: 0, to: vectors.count, by: engine.residualsInPass) {
      let group = vectors[first..<min(first + engine.residualsInPass, vectors.count)]
      while inputs.count < group.count {
        inputs.append(try engine.makeVector(.residual))
        outputs.append(try engine.makeVector(.correlation))
      }
      let residuals = Array(inputs.prefix(group.count))
      try engine.write(group.map(workspace.problem.atoms.pulledBack), to: residuals)
      try engine.correlate(residuals, into: Array(outputs.prefix(group.count)))
      workspace.matrixPasses += 1
      for output in outputs.prefix(group.count) { correlations.append(try engine.read(output)) }
    }
    return correlations
  }
}
