package import SparseRecovery

/// How well solvers find spikes that were blurred: random spike trains of growing density.
package struct Deconvolution: SyntheticExperiment {
  package static let name = "deconvolution"
  package static let title = "Spike deconvolution"

  /// The number of samples, n.
  package var size = 500
  /// The width of the kernel in samples.
  package var width = 3.0
  /// What a spike becomes.
  package var kernel = BlurKernel.gaussian
  /// What happens at the ends.
  package var boundary = Boundary.circulant
  /// The numbers of spikes, k, ascending: a cell each.
  package var sparsities = [1] + (1...10).map { 5 * $0 }
  /// How the heights of spikes are drawn.
  package var coefficients = CoefficientLaw.uniform
  /// The signal-to-noise ratio in decibels, or nil for no noise.
  package var snr: Double?
  package var trials = 200
  package var seed: UInt64 = 0
  package var solvers: [NamedSolver]
  /// The sparsity of the problem that is solved again and shown.
  package var pictured = 20

  /// The usual settings, for these solvers.
  package init(solvers: [NamedSolver]) { self.solvers = solvers }

  package init(header: JSON) throws(ExperimentError) {
    let settings = try header.setting("settings") { $0 }
    self.init(solvers: try header.solvers())
    size = try settings.setting("size", \.int)
    width = try settings.setting("width", \.double)
    kernel = try settings.setting("kernel") { $0.string.flatMap(BlurKernel.init(rawValue:)) }
    boundary = try settings.setting("boundary") { $0.string.flatMap(Boundary.init(rawValue:)) }
    sparsities = try settings.settings("sparsities", \.int)
    coefficients = try settings.setting("coefficients") {
      $0.string.flatMap(CoefficientLaw.init(rawValue:))
    }
    snr = try settings.optionalNumber("snr")
    trials = try header.setting("trials", \.int)
    seed = try header.setting("seed") { $0.integer() }
    try validate()
  }

  package var settings: JSON {
    [
      "size": JSON(size), "width": JSON(width), "kernel": .string(kernel.rawValue),
      "boundary": .string(boundary.rawValue),
      "sparsities": .array(sparsities.map { JSON($0) }),
      "coefficients": .string(coefficients.rawValue), "snr": JSON(snr),
    ]
  }

  package var cellCount: Int { sparsities.count }

  package func isPossible(_ cell: Int) -> Bool { 1...max(size, 1) ~= sparsities[cell] }

  package func parameters(cell: Int, seed: UInt64) -> SyntheticParameters {
    SyntheticParameters(
      ensemble: .deconvolution(size: size, width: width, kernel: kernel, boundary: boundary),
      sparsity: sparsities[cell], coefficients: coefficients, snr: snr, seed: seed)
  }

  package func measurements(
    of solution: SparseSolution, for problem: SyntheticProblem
  ) -> [JSON.Member] {
    let distance = spikeDistance(
      solution.dense(columns: size), problem.truth, onCircle: boundary == .circulant)
    return [
      JSON.Member(
        "supportDistance", JSON(supportDistance(solution.support, from: problem.support))),
      JSON.Member("spikeDistance", JSON(distance)),
    ] + solution.commonMeasurements
  }

  package func validate() throws(ExperimentError) {
    try validateSolversAndTrials()
    guard size > 0 else {
      throw .invalidSetting(name: "size", value: "\(size)", expected: "at least one sample")
    }
    guard width > 0, width.isFinite else {
      throw .invalidSetting(
        name: "width", value: "\(width)", expected: "a positive number of samples")
    }
    guard !sparsities.isEmpty, sparsities.allSatisfy({ $0 > 0 }), isAscending(sparsities) else {
      throw .invalidSetting(
        name: "sparsities", value: "\(sparsities)", expected: "ascending numbers of at least 1")
    }
  }
}
