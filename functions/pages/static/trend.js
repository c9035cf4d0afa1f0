"use strict";
// The weekly chart of a topic, over the drawing the server made. Its numbers are also in the table below it.
(() => {
  const place = document.querySelector("[data-chart]");
  if (!place || !window.uPlot) {
    return;
  }
  const counts = place.dataset.weeks.split(",").map(Number);
  const ends = place.dataset.ends.split(",").map(Number);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  let chart = null;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function axis(more) {
    return {
      stroke: colour("--soft"),
      font: "14px system-ui, sans-serif",
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
      ...more,
    };
  }

  function dayAndMonth(seconds) {
    // Asia/Karachi is five hours ahead all year.
    const local = new Date((seconds + 5 * 3600) * 1000);
    return local.getUTCDate() + "/" + (local.getUTCMonth() + 1);
  }

  function draw() {
    if (chart) {
      chart.destroy();
    }
    chart = new uPlot({
      width: place.clientWidth,
      height: place.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, _low, high) => [0, Math.max(4, Math.ceil(high * 1.1))] } },
      axes: [
        axis({ splits: () => ends, values: (_, splits) => splits.map(dayAndMonth), grid: { show: false }, size: 32 }),
        axis({ incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000], size: 48 }),
      ],
      series: [
        {},
        {
          label: place.dataset.label,
          stroke: colour("--accent"),
          fill: colour("--wash"),
          width: 2,
          points: { show: true, size: 7, fill: colour("--accent") },
        },
      ],
    }, [ends, counts], place);
    place.dataset.drawn = "";
  }

  draw();
  dark.addEventListener("change", draw);
  new ResizeObserver(() => {
    if (chart && chart.width !== place.clientWidth) {
      chart.setSize({ width: place.clientWidth, height: place.clientHeight });
    }
  }).observe(place);
})();
