/// Colours that people with any colour vision tell apart.
enum Palette {
  /// Okabe and Ito 2008, the pale yellow left out: it vanishes on white.
  static let series = [
    "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000",
  ]

  /// Samples of viridis (van der Walt and Smith 2015) at equal distances, dark to light.
  static let viridis = [
    "#440154", "#472D7B", "#3B528B", "#2C728E", "#21918C", "#28AE80", "#5EC962", "#ADDC30",
    "#FDE725",
  ]

  /// Dash patterns, one for each round of the colours and beyond.
  static let dashes = ["1", "2", "4", "5", "3", "6", "7"]

  /// Markers of gnuplot: circles, squares, triangles, diamonds, filled and open in turn.
  static let markers = [7, 4, 9, 12, 5, 10, 13, 6, 11, 8]

  /// Markers in text.
  static let characters: [Character] = ["o", "x", "+", "*", "#", "@", "%", "&", "=", "~"]
}
