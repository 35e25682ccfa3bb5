package import Charts
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
    guard !possibleCells.isEmpty else {
      throw .invalidSetting(
        name: "sparsities", value: "\(sparsities)",
        expected: "at least one of at most \(size), the samples")
    }
  }

  // MARK: Pictures

  /// Distances and residuals against k, one problem with what each solver made of it, and tables.
  package func addPictures(of results: ResultSet, to album: inout Album) throws {
    let curves = SparsityCurves(
      results, of: solvers, over: sparsities, axis: Axis("spikes k"),
      caption: "\(caption); \(trials) problems a point")
    try curves.addCharts(Measure.ofSpikes, to: &album)
    let picture = try DeconvolutionPicture(of: self, sparsity: pictured)
    try album.add(picture.spikes(caption: caption), named: "spikes")
    for (i, (solver, chart)) in picture.losses(caption: caption).enumerated() {
      try album.add(chart, named: "residual-\(i + 1)-\(solver)")
    }
    if let chart = picture.exploration(caption: caption) {
      try album.add(chart, named: "exploration")
    }
    curves.addTables(Measure.ofSpikes, to: &album.report)
  }

  package var described: [Report.Setting] {
    [
      ("samples n", "\(size)"),
      ("kernel", "\(kernel.rawValue), width \(significant(width)) samples"),
      ("boundary", boundary.rawValue),
      ("spikes k", sparsities.map(String.init).joined(separator: ", ")),
      ("heights", coefficients.rawValue), ("noise", snr.map { "\($0) dB" } ?? "none"),
    ]
  }

  private var caption: String {
    "\(size) samples; \(kernel.rawValue) kernel \(significant(width)) samples wide, \(boundary.rawValue); "
      + "\(coefficients.rawValue) heights; \(snr.map { "\($0) dB of noise" } ?? "no noise"); "
      + "seed \(seed)"
  }
}

extension Measure {
  /// What is measured of spike trains.
  fileprivate static let ofSpikes = [
    Measure(
      title: "Spikes missed", fileName: "support-distance",
      axis: Axis("share of the support missed, (k − |S ∩ S*|) / k", range: 0...1), isMean: true,
      sample: { $0.sample("supportDistance") }),
    Measure(
      title: "How far spikes are off", fileName: "spike-distance",
      axis: Axis("Wasserstein distance, samples"), unit: "samples", isMean: true,
      sample: { $0.sample("spikeDistance") }),
    Measure(
      title: "Relative residual", fileName: "residual",
      axis: Axis("‖Ax − y‖ / ‖y‖", scale: .logarithmic), isMean: false,
      // Below this there is nothing but rounding.
      sample: { outcomes in
        Sample(outcomes.compactMap { $0.values["relativeResidual"]?.double }.map { max($0, 1e-16) })
      }),
    Measure(
      title: "Loss ½‖Ax − y‖²", fileName: "loss",
      axis: Axis("½‖Ax − y‖²", scale: .logarithmic), isMean: false,
      sample: { outcomes in
        Sample(outcomes.compactMap { $0.values["loss"]?.double }.map { max($0, 1e-32) })
      }),
    .time, .iterations,
  ]
}

/// How far the mass of one spike train must be moved to make another: the 1-Wasserstein distance, in
/// samples, between |a| / ‖a‖₁ and |b| / ‖b‖₁, on a line or on a circle of n samples.
///
/// 0 for equal positions and proportions, whatever the signs; unlike a comparison of supports it
/// tells a spike one sample off from one far away. Nil where one train is zero and the other is not.
/// O(n log n) on a circle, by the median of the cumulative differences (Rabin, Delon and Gousseau
/// 2011); O(n) on a line.
func spikeDistance(_ a: [Double], _ b: [Double], onCircle: Bool) -> Double? {
  precondition(a.count == b.count, "spike trains of different lengths")
  let massOfA = a.reduce(0) { $0 + abs($1) }
  let massOfB = b.reduce(0) { $0 + abs($1) }
  guard massOfA > 0, massOfB > 0 else { return massOfA == massOfB ? 0 : nil }
  var sum = 0.0
  let differences = zip(a, b).map { x, y in
    sum += abs(x) / massOfA - abs(y) / massOfB
    return sum
  }
  let middle = onCircle ? differences.sorted()[differences.count / 2] : 0
  // On a line the last difference is zero but for rounding, and no mass moves beyond it.
  return (onCircle ? differences[...] : differences.dropLast()).reduce(0) { $0 + abs($1 - middle) }
}
