# SPDX-License-Identifier: LGPL-2.1-or-later
"""Face recognition as tutorials for OpenCV in Python write it: find, cut out, represent, compare.

    tutorial.py VIDEO FRAMES DETECTOR EMBEDDER PHOTO...

DETECTOR is a Haar cascade (.xml), a YuNet network (.onnx) or "none", which only decodes; each PHOTO is
somebody known. Prints what pipeline_cost prints.
"""
import pathlib
import resource
import sys

import cv2
import numpy as np

STRANGER = 1.2  # distance of unit vectors: cosine similarity 0.28


class Haar:
    def __init__(self, file):
        self.cascade = cv2.CascadeClassifier(file)

    def find(self, image):
        gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
        return self.cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5, minSize=(30, 30))


class YuNet:
    def __init__(self, file):
        self.detector = cv2.FaceDetectorYN.create(file, "", (320, 320), 0.6)

    def find(self, image):
        height, width = image.shape[:2]
        self.detector.setInputSize((width, height))
        faces = self.detector.detect(image)[1]
        return [] if faces is None else [face[:4].astype(int) for face in faces]


class Recogniser:
    def __init__(self, detector, embedder, photos):
        self.detector = (Haar if detector.endswith(".xml") else YuNet)(detector)
        self.net = cv2.dnn.readNet(embedder)
        self.names = [pathlib.Path(photo).stem for photo in photos]
        self.known = np.array([self.represent(*self.largest(cv2.imread(photo))) for photo in photos])

    def largest(self, image):
        return image, max(self.detector.find(image), key=lambda box: box[2] * box[3])

    def represent(self, image, box):
        x, y, width, height = box
        face = image[max(y, 0):y + height, max(x, 0):x + width]
        self.net.setInput(cv2.dnn.blobFromImage(face, 1.0, (112, 112), (0, 0, 0), swapRB=True, crop=False))
        embedding = self.net.forward().flatten()
        return embedding / np.linalg.norm(embedding)

    def recognise(self, image):
        """(box, name) of each face."""
        found = []
        for box in self.detector.find(image):
            distances = np.linalg.norm(self.known - self.represent(image, box), axis=1)
            best = np.argmin(distances)
            found.append((box, self.names[best] if distances[best] < STRANGER else "unknown"))
        return found


def cpu_milliseconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return 1e3 * (usage.ru_utime + usage.ru_stime)


def main(video, most, detector, embedder, *photos):
    cv2.setNumThreads(1)
    recogniser = None if detector == "none" else Recogniser(detector, embedder, photos)
    capture = cv2.VideoCapture(video)
    frames, begun, lines = 0, 0, []
    while frames < int(most) and capture.grab():
        if recogniser:
            for (x, y, width, height), _ in recogniser.recognise(capture.retrieve()[1]):
                lines.append(f"face {frames} {x} {y} {width} {height}")
        if frames == 0:
            begun = cpu_milliseconds()
        frames += 1
    lines.append(f"cpu {cpu_milliseconds() - begun:.3f} {frames - 1}")
    print("\n".join(lines))


main(*sys.argv[1:])
