# Draw again with: gnuplot nvidia-h100-80gb-hbm3-roofline.gp
set encoding utf8
set terminal svg size 960,720 noenhanced font 'DejaVu Sans,14' background 'white'
set output 'nvidia-h100-80gb-hbm3-roofline.svg'
set grid linecolor '#dddddd' linetype 1
set border linecolor '#444444'
$series0 << EOD
0.49972515116685823 74.31909052477465 148.71993204912656
3.982477100756671 236.85485617682772 59.47425438600144
7.930214115781126 381.78039559159964 48.142507884100716
15.723270440251572 515.831311272914 32.806871396957334
EOD
$series1 << EOD
0.24986257558342911 30.798880614684066 123.26327999608857
1.9912385503783354 141.69119510988264 71.15731818418305
3.965107057890563 194.41332059318543 49.031039453601366
7.861635220125786 283.03762167024485 36.002385476455146
EOD
$series2 << EOD
0.49972515116685823 1380.8602786505921 2763.2395036077
3.982477100756671 7663.998051069248 1924.429910623488
7.930214115781126 10515.955767774529 1326.062022316368
15.723270440251572 19877.862280530942 1264.232041041768
EOD
$series3 << EOD
0.24986257558342911 715.0517413953927 2861.7800794126406
1.9912385503783354 4617.993511132849 2319.1563412909163
3.965107057890563 6815.802844915442 1718.9454774876745
7.861635220125786 13046.386097699626 1659.5003116273924
EOD
set multiplot layout 2,2 title "z = Aᵀ r for several residuals at once, A 2000 × 20000\nlines: the speed of memory, and the fastest product of this run" margins 0.09,0.97,0.19,0.84 spacing 0.08,0.07
minimum(a, b) = a < b ? a : b
set samples 500
set logscale xx2y
set format '%g'
set xtics nomirror
unset key
set ylabel 'GFLOP/s'
set yrange [15.399440307342033:39755.724561061885]
set title 'single precision: residuals in a call' offset 0,0.3
set x2tics ('1' 0.49972515116685823, '8' 3.982477100756671, '16' 7.930214115781126, '32' 15.723270440251572)
set xrange [0.24986257558342911:31.446540880503143]; set x2range [0.24986257558342911:31.446540880503143]
plot minimum(111.69446859814184 * x, 515.831311272914) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series0 using 1:2 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor', \
  minimum(2546.3775034875857 * x, 19877.862280530942) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series2 using 1:2 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3'
set ylabel ''
set title 'double precision: residuals in a call' offset 0,0.3
set x2tics ('1' 0.24986257558342911, '8' 1.9912385503783354, '16' 3.965107057890563, '32' 7.861635220125786)
set xrange [0.12493128779171456:15.723270440251572]; set x2range [0.12493128779171456:15.723270440251572]
plot minimum(111.69446859814184 * x, 283.03762167024485) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series1 using 1:2 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor', \
  minimum(3035.3980254567828 * x, 13046.386097699626) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series3 using 1:2 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3'
set ylabel ''
unset title
unset x2tics
set ylabel 'GB/s'
set yrange [16.403435698478667:6070.7960509135655]
set xlabel 'arithmetic intensity (FLOP per byte)'
set xrange [0.24986257558342911:31.446540880503143]; set x2range [0.24986257558342911:31.446540880503143]
plot minimum(111.69446859814184, 515.831311272914 / x) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series0 using 1:3 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor', \
  minimum(2546.3775034875857, 19877.862280530942 / x) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series2 using 1:3 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3'
set ylabel ''
set xrange [0.12493128779171456:15.723270440251572]; set x2range [0.12493128779171456:15.723270440251572]
set key at screen 0.5,0.01 center bottom maxcols 1 Left reverse
plot minimum(111.69446859814184, 283.03762167024485 / x) with lines linewidth 1.5 dashtype 1 linecolor '#0072B2' notitle, \
  $series1 using 1:3 with points pointtype 7 pointsize 1.2 linecolor '#0072B2' title 'cpu, Intel(R) Xeon(R) Processor', \
  minimum(3035.3980254567828, 13046.386097699626 / x) with lines linewidth 1.5 dashtype 2 linecolor '#D55E00' notitle, \
  $series3 using 1:3 with points pointtype 5 pointsize 1.2 linecolor '#D55E00' title 'opencl, NVIDIA H100 80GB HBM3'
set ylabel ''
unset multiplot
