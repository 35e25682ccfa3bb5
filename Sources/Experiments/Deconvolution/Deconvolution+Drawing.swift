package import Charts
import SparseRecovery

extension Deconvolution {
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
