import Charts

extension Measure {
  /// What is measured of spike trains.
  static let ofSpikes = [
    Measure(
      title: "Spikes missed", fileName: "support-distance",
      axis: Axis("share of the support missed, (k − |S ∩ S*|) / k", range: 0...1), isMean: true,
      sample: { $0.sample("supportDistance") }),
    Measure(
      title: "How far spikes are off", fileName: "spike-distance",
      axis: Axis("Wasserstein distance, samples"), isMean: true,
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
