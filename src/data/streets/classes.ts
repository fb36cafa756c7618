/** CamVid's twelve classes in CamVid's order: a mask of `streets` holds the index of its pixel's class. */
export const streetsClasses = [
  "Sky",
  "Building",
  "Pole",
  "Road",
  "Sidewalk",
  "Tree",
  "Sign",
  "Fence",
  "Car",
  "Pedestrian",
  "Cyclist",
  "Void",
] as const;

/** One colour per class (sRGB, 0–255), for looking at masks. */
export const streetsPalette: readonly (readonly [number, number, number])[] = [
  [135, 190, 235],
  [150, 60, 60],
  [235, 220, 130],
  [125, 70, 135],
  [245, 130, 200],
  [80, 145, 40],
  [230, 190, 0],
  [160, 120, 90],
  [0, 40, 160],
  [230, 40, 60],
  [0, 175, 185],
  [25, 25, 25],
];

export const SKY = 0;
export const BUILDING = 1;
export const POLE = 2;
export const ROAD = 3;
export const SIDEWALK = 4;
export const TREE = 5;
export const SIGN = 6;
export const FENCE = 7;
export const CAR = 8;
export const PEDESTRIAN = 9;
export const CYCLIST = 10;
export const VOID = 11;
