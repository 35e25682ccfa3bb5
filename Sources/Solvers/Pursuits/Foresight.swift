import SparseCore

/// How many promising atoms the next steps of a pursuit are foreseen among.
enum Foresight {
  /// Twice the sparsity, at least 64, and no more than 32 MB of gathered atoms.
  ///
  /// Half as many took up to a fifth more passes at sparsities from 20 to 150; four times as many
  /// saved up to a third of them, and took longer to gather than that.
  static func breadth(_ problem: RecoveryProblem, sparsity: Int) -> Int {
    let room = max(sparsity, (32 << 20) / (8 * problem.rows))
    return min(max(2 * sparsity, 64), room, problem.columns)
  }
}
