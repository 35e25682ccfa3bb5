import LeastSquares
import SparseCore

/// Where walks find the atoms to exchange: all of them where they are few, else the most promising
/// around a support.
protocol WorkingSets {
  /// The atoms of `support` and those with the smallest losses after the best exchange that brings
  /// them in.
  mutating func around(_ support: [Int]) throws(RecoveryError) -> SwapSet
}

/// The size of working sets.
enum WorkingSetSize {
  /// Up to so many atoms all are in one set. Of 52 problems with 600 to 2048 columns, most of them coherent, a search from
  /// without found less than sets of 16 k in 4, and than all in 1, in no more time; of 59 with 2049 to 4096 in 8 and 7.
  static var few: Int { 2048 }

  /// |W| for supports of k atoms: 16 k is the best of 4, 8, 16 and 32 k on incoherent and real data at
  /// equal time; from k = 96 on their Gram matrices would cost more than the walks on them.
  static func size(sparsity k: Int) -> Int { max(64, min(16 * k, max(4 * k, 1536))) }

  /// The places of the `count` smallest losses, those of `own` among them, in ascending order; fewer where
  /// others are infinite. O(n).
  static func smallest(_ count: Int, of losses: [Double], with own: [Int]) -> [Int] {
    let largest = losses.reduce(0) { $1 < .infinity ? max($0, $1) : $0 }
    // What is to be kept has the largest keys.
    var keys = losses.map { $0 < .infinity ? 2 * largest - $0 : 0 }
    for place in own { keys[place] = .infinity }
    return largestMagnitudes(min(count, keys.count), of: keys).filter { keys[$0] > 0 }.sorted()
  }
}

/// Working sets of atoms on the host. They may be made on any thread.
struct HostWorkingSets: WorkingSets, Sendable {
  private let atoms: HostAtoms
  /// y, or several, plane after plane.
  private let observation: [Double]
  private let size: Int
  /// All atoms, where they are few.
  private let all: SwapSet?

  /// - Parameter gram: the Gram matrix of all atoms, where they are few.
  init(
    _ atoms: HostAtoms, gram: [Double]?, observation: [Double], sparsity: Int
  ) throws(RecoveryError) {
    self.atoms = atoms
    self.observation = observation
    size = WorkingSetSize.size(sparsity: sparsity)
    all = try gram.map { (gram) throws(RecoveryError) in
      try SwapSet(atoms, gram: gram, observation: observation)
    }
  }

  /// 2 · n · k · (m + k) + m · |W|² flops, and none where atoms are few.
  func around(_ support: [Int]) throws(RecoveryError) -> SwapSet {
    if let all { return all }
    let own = atoms.places(of: support)
    var losses = [Double](repeating: 0, count: atoms.count)
    if own.isEmpty {
      let planes = observation.count / atoms.rows
      let correlations = try atoms.correlate(observation)
      losses = rowSquares((0..<planes).map { correlations.part($0, of: planes) }).map { -$0 }
    } else {
      losses = try EntryScan(atoms.restricted(to: own), observation: observation)
        .losses(of: atoms)
    }
    let chosen = WorkingSetSize.smallest(size, of: losses, with: own)
    return try SwapSet(atoms.restricted(to: chosen), observation: observation)
  }
}

/// Working sets of atoms that only an engine holds.
struct EngineWorkingSets: WorkingSets {
  private let workspace: Workspace
  private let distances: AtomDistances
  private let size: Int
  private var products: HostProducts

  init(_ workspace: Workspace, sparsity: Int) throws(RecoveryError) {
    self.workspace = workspace
    distances = try AtomDistances(workspace.problem.atoms, workspace.engine)
    size = WorkingSetSize.size(sparsity: sparsity)
    products = HostProducts(workspace)
  }

  /// (2 k + L) / ``Engine/residualsInPass`` passes over A for L observations, without a table over all atoms: a sweep for
  /// ‖P^⊥a_j‖² and another one for the gains, in groups of a pass.
  mutating func around(_ support: [Int]) throws(RecoveryError) -> SwapSet {
    let engine = workspace.engine
    let (problem, observation) = (workspace.problem, workspace.problem.scaledPlanes)
    guard !support.isEmpty else {
      let best = try workspace.strongest(size, at: Iterate(empty: problem)).support
      return try SwapSet(HostAtoms(best.sorted(), of: problem), observation: observation)
    }
    let scan = try EntryScan(HostAtoms(support, of: problem), observation: observation)
    var squares = distances.squares.indices.map { distances.squares[$0] + problem.penalty($0) }
    let width = engine.residualsInPass
    let (whitened, duals) = (scan.whitened(), scan.duals)
    for start in stride(from: 0, to: whitened.count, by: width) {
      let group = try whitened.vectors(start..<min(start + width, whitened.count))
      for column in try products.correlations(of: group) {
        for j in squares.indices { squares[j] -= column[j] * column[j] }
      }
    }
    let correlations = try products.correlations(of: problem.planes(of: scan.residual))
      .flatMap { $0 }
    var losses = [Double](repeating: .infinity, count: squares.count)
    for start in stride(from: 0, to: duals.count, by: width) {
      let group = try duals.vectors(start..<min(start + width, duals.count))
      for (place, column) in try products.correlations(of: group).enumerated() {
        scan.lower(
          &losses, exit: start + place, products: column, correlations: correlations,
          distances: squares, floors: distances.floors)
      }
    }
    let chosen = WorkingSetSize.smallest(size, of: losses, with: support)
    return try SwapSet(HostAtoms(chosen, of: problem), observation: observation)
  }
}

/// Working sets of a problem: on the host where its atoms take little memory, else by the engine.
enum ProblemWorkingSets: WorkingSets {
  case host(HostWorkingSets)
  case engine(EngineWorkingSets)

  init(_ workspace: Workspace, sparsity: Int) throws(RecoveryError) {
    if let atoms = try workspace.host.atoms() {
      self = .host(
        try HostWorkingSets(
          atoms, gram: workspace.host.gram(), observation: workspace.problem.scaledPlanes,
          sparsity: sparsity))
    } else {
      self = .engine(try EngineWorkingSets(workspace, sparsity: sparsity))
    }
  }

  mutating func around(_ support: [Int]) throws(RecoveryError) -> SwapSet {
    switch self {
    case .host(let sets): return try sets.around(support)
    case .engine(var sets):
      defer { self = .engine(sets) }
      return try sets.around(support)
    }
  }
}
