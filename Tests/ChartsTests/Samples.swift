import Charts
import Glibc

/// Texts that a program could take for something else.
let nastyTexts = [
  "it's", "`touch pwned`", "$(touch pwned)", "a\nset output 'x'", "50 %d %s", "@GPVAL_X",
  "\\n{x}_1^2",
  "<script>alert(1)</script> & \"so\"", "½‖Ax − y‖² 𝒳", "\u{0}\u{1B}[31m",
  "'; system 'touch pwned'; #", "''; system 'touch pwned'; '", "'", "",
]

func lineChart(_ text: String = "line", points: [Point]? = nil) -> LineChart {
  let points = points ?? (0..<30).map { Point(Double($0), Double($0 * $0), interval: 0...900) }
  return LineChart(
    title: text, caption: text, x: Axis(text), y: Axis(text, scale: .logarithmic),
    series: [Series(text, points), Series("other", points, style: .markers)])
}

func heatMap(_ text: String = "heat", cells: [[Double?]] = [[0, 0.5, nil], [.nan, 1, 0.2]])
  -> HeatMap
{
  HeatMap(
    title: text, caption: text, x: Axis(text), y: Axis(text), value: Axis(text, range: 0...1),
    columns: [0.1, 0.2, 0.5], rows: [1, 2], cells: cells,
    curves: [Series(text, [Point(0.1, 1), Point(0.5, 2)])])
}

func stemChart(_ text: String = "stems") -> StemChart {
  let spikes = [Point(3, 1), Point(7, -2)]
  return StemChart(
    title: text, caption: text, x: Axis(text, range: 0...10),
    panels: [
      StemChart.Panel(text, spikes, reference: Series(text, spikes)),
      StemChart.Panel("observation", (0..<10).map { Point(Double($0), 1) }, hasStems: false),
      StemChart.Panel("nothing", []),
    ])
}

func barChart(_ text: String = "bars") -> BarChart {
  BarChart(
    title: text, caption: text, y: Axis(text), categories: [text, "b"],
    series: [Series(text, [Point(0, 1, interval: 0.5...2), Point(1, 3)])])
}

/// One chart of every kind, with `text` wherever text may stand.
func everyKind(_ text: String) -> [any Chart] {
  [lineChart(text), heatMap(text), stemChart(text), barChart(text)]
}
