import LeastSquares
import SparseCore

/// What searches on the host compute once for one set of atoms, whatever the observation.
final class HostCopies {
  private let problem: RecoveryProblem
  private let budget: MemoryBudget
  private var storedAtoms: HostAtoms?
  private var storedGram: [Double]?
  private var storedRotation: RotatedAtoms?
  private var storedScores: GroupScores?

  init(_ problem: RecoveryProblem, budget: MemoryBudget) {
    self.problem = problem
    self.budget = budget
  }

  /// The most bytes for a copy of the atoms.
  private var memory: Int { min(budget.bytes, Self.mostBytes) }

  /// Beside it there may be another of its size, rotated: 64 MiB in all.
  private static var mostBytes: Int { 32 << 20 }

  /// The eigenvectors of an m × m matrix take about 9 · m³ flops: seconds.
  private static var mostRotatedRows: Int { 2048 }

  /// What all atoms that may be selected take, in double precision.
  private var bytes: Int { 8 * problem.rows * problem.atoms.usableColumns }

  /// All atoms that may be selected, or nil where they take too much memory.
  func atoms() throws(RecoveryError) -> HostAtoms? {
    guard bytes <= memory else { return nil }
    if let storedAtoms { return storedAtoms }
    let atoms = try HostAtoms(problem)
    storedAtoms = atoms
    return atoms
  }

  /// The Gram matrix of all these atoms, where they are few.
  func gram() throws(RecoveryError) -> [Double]? {
    guard let atoms = try atoms(), atoms.count <= WorkingSetSize.few else { return nil }
    if let storedGram { return storedGram }
    let gram = try atoms.gram()
    storedGram = gram
    return gram
  }

  /// What ranks the groups of the problem; nil where each atom stands for itself.
  func groupScores(threads: Int) throws(RecoveryError) -> GroupScores? {
    guard let groups = problem.atoms.groups else { return nil }
    if let storedScores { return storedScores }
    let scores = try GroupScores(groups, of: problem, threads: threads)
    storedScores = scores
    return scores
  }

  /// The same atoms rotated, or nil where they, or their rows, are too many.
  ///
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``.
  func rotated() throws(RecoveryError) -> RotatedAtoms? {
    if let storedRotation { return storedRotation }
    guard problem.rows <= Self.mostRotatedRows, let atoms = try atoms() else { return nil }
    let rotation = try RotatedAtoms(atoms)
    storedRotation = rotation
    return rotation
  }

  /// The same atoms rotated, for a solver that cannot do without.
  ///
  /// - Throws: ``RecoveryError/atomsTooLarge(solver:rows:mostRows:bytes:mostBytes:)``, or
  ///   ``RecoveryError/lapackFailure(routine:code:)``.
  func rotated(for solver: String) throws(RecoveryError) -> RotatedAtoms {
    guard let rotation = try rotated() else {
      throw .atomsTooLarge(
        solver: solver, rows: problem.rows, mostRows: Self.mostRotatedRows, bytes: bytes,
        mostBytes: memory)
    }
    return rotation
  }
}
