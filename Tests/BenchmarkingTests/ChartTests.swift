import SparseRecovery
import Testing

@testable import Benchmarking

@Suite struct ChartTests {
  private func report() throws -> SuiteReport {
    var report = SuiteReport(
      machine: BenchmarkReport.Machine(of: [.cpu()]), load: nil, isQuick: true, seconds: 45)
    // Every time is a second, every ceiling 1 GB/s.
    report.operations = [try Benchmark(.tiny).run(on: [.cpu()]).normalized]
    report.endToEnd.rows = [SEA.Gradient.direct, .blocked].map {
      SolveRow.made(ProblemShape(20, 50, 3), $0, seconds: 1)
    }
    return report
  }

  @Test func rooflineHasThePointsOfEveryPrecision() throws {
    let roofline = try #require(Roofline(report()))
    #expect(roofline.rows == 20)
    #expect(roofline.columns == 50)
    #expect(roofline.series.map(\.precision) == [.single, .double])
    for series in roofline.series {
      let b = Double(series.precision.byteCount)
      #expect(series.bandwidth == 1)
      #expect(series.points.map(\.residuals) == [1, 8])
      let intensities: [Double] = [2000 / (b * 1070), 16000 / (b * 1560)]
      #expect(series.points.map(\.intensity) == intensities)
      let rates = series.points.map(\.gigaflops)
      #expect(rates == [2000 * 1e-9, 16000 * 1e-9])
      #expect(series.peak == 16000 * 1e-9)
    }
  }

  @Test func scriptsHoldTheirDataAndNameTheirFile() throws {
    let charts = try report().charts
    #expect(charts.map(\.name) == ["roofline", "end-to-end"])
    for chart in charts {
      let script = chart.script(stem: "it's")
      #expect(script.hasPrefix("# Draw again with: gnuplot it's-\(chart.name).gp\n"))
      #expect(script.contains("set output 'it''s-\(chart.name).svg'\n"))
      #expect(script.contains("\n$series0 << EOD\n"))
      #expect(script.contains("\n$series1 << EOD\n"))
      #expect(script.contains("set xlabel"))
      #expect(script.contains("set ylabel"))
    }
  }

  @Test func coloursDiffer() {
    let colours = (0..<6).map(Chart.colour)
    #expect(Set(colours).count == 6)
    #expect(Chart.colour(6) == Chart.colour(0))
  }
}
