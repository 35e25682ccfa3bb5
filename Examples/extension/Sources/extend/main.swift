import Extension
import Foundation
import SparseRecovery

// Fifteen spikes, blurred by an operator of ours and buried in noise.
let n = 400
let kernel = (-8...8).map { 1 / (1 + 0.2 * Double($0 * $0)) }
let blur = Circulant(size: n, kernel: kernel)
var generator = SeededGenerator(seed: 4)
var spikes = [Double](repeating: 0, count: n)
for place in generator.sample(15, of: n) {
  spikes[place] = generator.sign() * (1 + generator.uniform())
}
var observed = [Double](repeating: 0, count: n)
do {
  var y = observed.mutableSpan
  blur.apply(spikes.span, into: &y)
}
for i in observed.indices { observed[i] += 0.02 * generator.normal() }

let truth = spikes.indices.filter { spikes[$0] != 0 }
func show(_ title: String, _ solution: SparseSolution) {
  let found = Set(truth).intersection(solution.support).count
  print(
    "\(title): \(found) of \(truth.count) spikes, relative residual \(solution.relativeResidual), "
      + "\(solution.iterations) supports on \(solution.engine)")
}

do {
  let problem = try RecoveryProblem(blur, observation: observed)
  // Solvers of the package on an operator of ours; then a solver of ours, on a backend of ours.
  show("portfolio", try Portfolio().solve(problem, sparsity: 15, on: CPUBackend()))
  show("matching pursuit", try MatchingPursuit().solve(problem, sparsity: 15, on: ArrayBackend()))

  // It has limits, observers and checkpoints without a line of its own.
  var short = MatchingPursuit()
  short.limits.iterations = 10
  var kept: IterationCheckpoint?
  let engine = try CPUBackend().load(problem.atoms, precision: .double)
  let cut = try short.solve(
    Workspace(problem, on: engine), sparsity: 15, resuming: nil,
    keeper: CheckpointKeeper(isDue: { true }, keep: { kept = $0 })
  ) { _ in .proceed }
  show("cut off", cut)
  let whole = try MatchingPursuit().solve(
    Workspace(problem, on: engine), sparsity: 15, resuming: kept, keeper: nil
  ) { _ in .proceed }
  show("resumed", whole)

  // A loss of ours: what 400 patients cost, by 200 measurements of which four matter.
  let table = try Matrix(
    rows: 400, columns: 200, columnMajor: (0..<400 * 200).map { _ in generator.normal() })
  let costs = (0..<400).map { i in
    let score = 0.5 * table[i, 3] - 0.7 * table[i, 77] + 0.4 * table[i, 120] + 0.6 * table[i, 199]
    // The noise of a gamma distribution of shape 1.
    return -exp(3 + score) * log(generator.uniform())
  }
  var model = RecoveryModel()
  model.hasIntercept = true
  let spending = try RecoveryProblem(
    matrix: .double(table), observation: costs, model: model, loss: Gamma())
  let host = try CPUBackend().load(spending.atoms, precision: .double)

  // Any solver that minimises any loss, with limits and checkpoints.
  var exploration = SEA()
  exploration.limits.iterations = 20
  _ = try exploration.solve(
    Workspace(spending, on: host), sparsity: 4, resuming: nil,
    keeper: CheckpointKeeper(isDue: { true }, keep: { kept = $0 })
  ) { _ in .proceed }
  exploration.limits.iterations = 100
  let found = try exploration.solve(
    Workspace(spending, on: host), sparsity: 4, resuming: kept, keeper: nil
  ) { _ in .proceed }
  let explained = 1 - found.relativeResidual * found.relativeResidual
  print(
    "gamma: columns \(found.support), loss \(found.loss), \(explained) of the deviance explained")
} catch {
  print("failed: \(error)")
}
